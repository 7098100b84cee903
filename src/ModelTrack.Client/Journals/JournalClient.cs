using System.Text.Json;
using ModelTrack.Client.Journal;

namespace ModelTrack.Client;

/// <summary>
/// The journals in the place where a tracker keeps its own: what waits there for a store, its own and those of others. Of a tracker without
/// such a place (in memory, disabled) there are none. Safe for use from several threads.
/// </summary>
/// <example>
/// <code>
/// foreach (var journal in await tracker.Journals.ListAsync())
///     Console.WriteLine($"{journal.Id}: {journal.Pending} records for {journal.Destination} since {journal.Created}");
/// </code>
/// </example>
public sealed class JournalClient
{
    private const int MostLooks = 5;

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(20);

    private readonly TrackerCore _tracker;
    private readonly JournalPlace? _place;

    internal JournalClient(TrackerCore tracker, JournalPlace? place)
    {
        _tracker = tracker;
        _place = place;
    }

    /// <summary>All journals there, oldest first, whatever they are for. Those that are free are opened for a moment to be read.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The journals.</returns>
    /// <exception cref="IOException">The place cannot be read.</exception>
    public Task<IReadOnlyList<JournalInfo>> ListAsync(CancellationToken cancellationToken = default) => Task.Run(
        async () =>
        {
            var all = new List<JournalInfo>();
            foreach (var files in _place is null ? [] : JournalFiles.List(_place))
            {
                all.Add(Describe(files, await ReadAsync(files, cancellationToken).ConfigureAwait(false)));
            }

            return (IReadOnlyList<JournalInfo>)all;
        },
        cancellationToken);

    /// <summary>
    /// Delivers a journal whose process is gone, also one of another machine, and ends when it is settled. (Those of this machine are
    /// delivered without being asked.) What the store refuses is in the report.
    /// </summary>
    /// <param name="id">The journal's <see cref="JournalInfo.Id"/>.</param>
    /// <param name="cancellationToken">Ends the wait; it is delivered all the same while the tracker is open.</param>
    /// <returns>What became of all records of this tracker, those of the journal among them.</returns>
    /// <exception cref="ModelTrackException">
    /// There is no such journal (<see cref="ErrorCode.ResourceDoesNotExist"/>); or it is in use, cannot be read, or is for another
    /// destination (<see cref="ErrorCode.InvalidState"/>).
    /// </exception>
    /// <exception cref="ObjectDisposedException">The tracker is closed.</exception>
    public async Task<DeliveryReport> DeliverAsync(string id, CancellationToken cancellationToken = default)
    {
        var files = Find(id);
        var read = await ReadAsync(files, cancellationToken).ConfigureAwait(false);
        if (read?.Owner.Destination is { } destination && destination != _tracker.Backend.Destination && !_place!.InsideStore)
        {
            throw new ModelTrackException(
                ErrorCode.InvalidState,
                $"The journal {id} is for {destination}, and this tracker for {_tracker.Backend.Destination}. Open a tracker for the former.");
        }

        _tracker.EnsureStarted();
        if (DeadJournal.TryAdopt(files, destination: null, ofAnyMachine: true) is { } journal)
        {
            await _tracker.Dispatcher.AdoptAsync(journal, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            // Perhaps it is being delivered by this tracker already.
            await _tracker.FlushAsync(cancellationToken).ConfigureAwait(false);
            if (File.Exists(files.Lock))
            {
                throw InUse(id);
            }
        }

        return _tracker.Dispatcher.Report();
    }

    /// <summary>Removes a journal with all that waits in it, for good. One in use is not removed.</summary>
    /// <param name="id">The journal's <see cref="JournalInfo.Id"/>, exactly.</param>
    /// <param name="cancellationToken">Ends it before anything is removed.</param>
    /// <returns>How many records went with it.</returns>
    /// <exception cref="ModelTrackException">
    /// There is no such journal (<see cref="ErrorCode.ResourceDoesNotExist"/>), or it is in use (<see cref="ErrorCode.InvalidState"/>).
    /// </exception>
    /// <exception cref="IOException">It cannot be removed, or not all of it.</exception>
    public Task<long> DiscardAsync(string id, CancellationToken cancellationToken = default) => Task.Run(
        () =>
        {
            var files = Find(id);
            var waiting = ReadFree(files)?.Pending ?? 0;
            cancellationToken.ThrowIfCancellationRequested();
            using var held = JournalLock.TryAcquire(files.Lock, create: false) ?? throw InUse(id);
            files.DeleteAll(held);
            return waiting;
        },
        cancellationToken);

    /// <summary>
    /// Everything that stores refused, of all trackers that keep their journals here, oldest first. It stays until somebody deletes the file
    /// (<c>rejected.jsonl</c>; inside a store <c>.modeltrack-rejected.jsonl</c>).
    /// </summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>What was refused, with the reasons.</returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public async Task<IReadOnlyList<Rejection>> ReadRejectionsAsync(CancellationToken cancellationToken = default)
    {
        var path = _place is null ? null : Dispatch.RejectionLog.FileOf(_place);
        if (path is null || !File.Exists(path))
        {
            return [];
        }

        var rejections = new List<Rejection>();
        foreach (var line in await File.ReadAllLinesAsync(path, cancellationToken).ConfigureAwait(false))
        {
            try
            {
                if (JsonSerializer.Deserialize(line, JournalJson.Default.Rejection) is { } rejection)
                {
                    rejections.Add(rejection);
                }
            }
            catch (JsonException)
            {
                // The last line of a process that was killed.
            }
        }

        return rejections;
    }

    private static ModelTrackException InUse(string id)
        => new(ErrorCode.InvalidState, $"The journal {id} is in use: the process that writes it lives, or a tracker is delivering it.");

    private JournalFiles Find(string id)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        return (_place is null ? [] : JournalFiles.List(_place)).FirstOrDefault(files => files.Id == id)
            ?? throw new ModelTrackException(
                ErrorCode.ResourceDoesNotExist, $"There is no journal {Excerpt.Of(id)} at {_place?.Folder ?? "this tracker, which keeps none on a disk"}.");
    }

    /// <summary>As <see cref="ReadFree"/>; another tracker that starts looks at each journal for a moment, which is no use of it.</summary>
    private async Task<(JournalOwner Owner, long Pending, int Runs)?> ReadAsync(JournalFiles files, CancellationToken cancellationToken)
    {
        for (var look = 1; ; look++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (ReadFree(files) is { } read)
            {
                return read;
            }

            if (look == MostLooks || _tracker.IsOwnJournal(files.Id))
            {
                return null;
            }

            await Task.Delay(BetweenLooks, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        }
    }

    private static JournalInfo Describe(JournalFiles files, (JournalOwner Owner, long Pending, int Runs)? read)
    {
        var (bytes, lastWrite) = files.Measure();
        var owner = read?.Owner ?? files.PeekOwner();
        var state = owner is null ? JournalState.Unreadable
            : read is null ? JournalState.InUse
            : owner.IsThisMachine ? JournalState.Waiting
            : JournalState.OfAnotherMachine;
        return new JournalInfo(
            files.Id,
            files.Location,
            state,
            owner?.Destination,
            owner?.Machine,
            owner?.ProcessId ?? 0,
            owner is null ? null : UnixTime.Of(owner.CreatedAt),
            lastWrite,
            read?.Pending,
            read?.Runs,
            bytes);
    }

    /// <summary>What is in a journal that nobody uses; null when somebody does.</summary>
    private static (JournalOwner Owner, long Pending, int Runs)? ReadFree(JournalFiles files)
    {
        if (DeadJournal.TryAdopt(files, destination: null, ofAnyMachine: true) is not { } journal)
        {
            return null;
        }

        var read = (journal.Owner, journal.Log.Accepted, journal.Log.Runs.Count(run => run.Accepted > 0));
        journal.Leave();
        return read;
    }
}
