using ModelTrack.Client.Telemetry;

namespace ModelTrack.Client;

/// <content>Copies other stores into this one.</content>
public sealed partial class Tracker
{
    /// <summary>
    /// Copies what another store has into this one: experiments, runs with all that belongs to them, registered models. What is there
    /// already stays, so that it may be done again after it was interrupted, or when there is more to copy. See
    /// <see cref="SyncFromAsync(Tracker, SyncOptions?, IProgress{SyncProgress}?, CancellationToken)"/>.
    /// </summary>
    /// <param name="sourceTrackingUri">
    /// The store to copy from: a folder or a server, as for <see cref="Tracker(string)"/>. A server's credentials come from the
    /// environment; for others open a <see cref="Tracker"/> for the source.
    /// </param>
    /// <param name="options">What to copy. Default: everything that is not deleted.</param>
    /// <param name="progress">Told of each run and the like when it is finished; null: nobody asks.</param>
    /// <param name="cancellationToken">Ends it; what is copied stays, and the next call goes on from there.</param>
    /// <returns>What was copied, and what was not, with the reasons.</returns>
    /// <exception cref="ArgumentException">
    /// It is no tracking URI, it names this tracker's own store, or an option's value is out of range.
    /// </exception>
    /// <exception cref="NotSupportedException">It names a database; the message says how to put a server before it.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="InvalidOperationException">This is <see cref="Disabled"/>.</exception>
    /// <exception cref="ModelTrackException">
    /// One of the stores is away, or refuses to be read; there is no experiment of a name in <see cref="SyncOptions.Experiments"/>; a
    /// server does not take <see cref="SyncOptions.Filter"/>.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    public async Task<SyncReport> SyncFromAsync(
        string sourceTrackingUri,
        SyncOptions? options = null,
        IProgress<SyncProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(sourceTrackingUri);
        RequireRecords();
        if (ModelTrack.Client.TrackingUri.Parse(sourceTrackingUri) is { Folder: { } folder } && !Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException($"There is no folder '{folder}' to copy from.");
        }

        var source = new Tracker(new TrackerOptions
        {
            TrackingUri = sourceTrackingUri,
            RegistryUri = sourceTrackingUri,
            TimeProvider = _core.Options.TimeProvider,
            LoggerFactory = _core.Options.LoggerFactory,
            MaxParallelTransfers = _core.Options.MaxParallelTransfers,
            CaptureContext = false,
        });
        await using (source.ConfigureAwait(false))
        {
            return await SyncFromAsync(source, options, progress, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Copies what another tracker's store has into this one's: experiments by their names; runs with their times, status, metric
    /// histories, params, tags, data sets, artifacts, logged models and parents; registered models by their names, with versions, aliases,
    /// stages and tags. A copy is found again by its tag <c>modeltrack.sync.source</c>, the source
    /// run's id: a second call copies what has come since, and nothing if nothing has. Nothing is overwritten: where the
    /// target has something else, the report has a <see cref="SyncOutcome.Conflict"/>. What the source has logged but not stored is waited
    /// for if it is a folder. Memory does not grow with the number of points. One call at a time for one target: a further one waits, in
    /// the same process, and where the target is a folder in any process.
    /// </summary>
    /// <param name="source">The tracker to copy from; it stays open.</param>
    /// <param name="options">What to copy. Default: everything that is not deleted.</param>
    /// <param name="progress">Told of each run and the like when it is finished; null: nobody asks.</param>
    /// <param name="cancellationToken">Ends it; what is copied stays, and the next call goes on from there.</param>
    /// <returns>What was copied, and what was not, with the reasons.</returns>
    /// <exception cref="ArgumentException">Both trackers have the same store, or an option's value is out of range.</exception>
    /// <exception cref="InvalidOperationException">One of the trackers is <see cref="Disabled"/>.</exception>
    /// <exception cref="ModelTrackException">
    /// One of the stores is away, or refuses to be read; there is no experiment of a name in <see cref="SyncOptions.Experiments"/>; a
    /// server does not take <see cref="SyncOptions.Filter"/>.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    public async Task<SyncReport> SyncFromAsync(
        Tracker source,
        SyncOptions? options = null,
        IProgress<SyncProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        RequireRecords();
        source.RequireRecords();
        ObjectDisposedException.ThrowIf(_core.IsClosed, typeof(Tracker));
        var isSame = ReferenceEquals(source, this)
            || (source.TrackingUri == TrackingUri && ModelTrack.Client.TrackingUri.Parse(TrackingUri).Kind != TrackingUriKind.Memory);
        if (isSame)
        {
            throw new ArgumentException($"The source is the store that it is to be copied to, {TrackingUri}.", nameof(source));
        }

        var wanted = (options ?? new SyncOptions()).Checked();
        if (!source._core.Backend.IsRemote)
        {
            await source.FlushAsync(cancellationToken).ConfigureAwait(false);
        }

        var place = ModelTrack.Client.TrackingUri.Parse(TrackingUri);
        using var turn = wanted.DryRun
            ? null
            : await SyncTurn.WaitAsync(
                place.Kind == TrackingUriKind.Memory ? _core.Backend : TrackingUri,
                place.Folder,
                _core.Options.TimeProvider,
                cancellationToken).ConfigureAwait(false);
        using var transfers = new SemaphoreSlim(_core.Options.MaxParallelTransfers);
        var sync = new StoreSync(
            source._store.Value,
            _store.Value,
            wanted,
            _core.Options.MaxParallelTransfers,
            transfers,
            _core.Options.TimeProvider,
            _core.Logger,
            progress);
        return await ClientActivities.TraceAsync("modeltrack.sync", TrackingUri, _ => sync.RunAsync(cancellationToken)).ConfigureAwait(false);
    }

    private void RequireRecords()
    {
        if (!_records)
        {
            throw new InvalidOperationException("A disabled tracker has no store to copy from or to.");
        }
    }
}
