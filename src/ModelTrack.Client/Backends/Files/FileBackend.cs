using Microsoft.Extensions.Logging;
using ModelTrack.Client.Backends.Files.Search;
using ModelTrack.Client.Tracking.Search;
using static ModelTrack.Client.Backends.StoreCall;

namespace ModelTrack.Client.Backends.Files;

/// <summary>
/// MLflow's <c>mlruns</c> folder as a store. Local files are read and written on the caller's thread, since a hand-over costs more
/// than most of these calls do; searches, which read thousands of files, are not.
/// </summary>
internal sealed class FileBackend : ITrackingBackend
{
    private readonly FileLayout _layout;
    private readonly ExperimentReader _experimentReader;
    private readonly ExperimentFiles _experiments;
    private readonly RunFiles _runs;
    private readonly RunCreator _creator;
    private readonly RunSearcher _searcher;
    private readonly BatchWriter _batches;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;

    /// <summary>Opens a folder; makes it into a new store when it is not there.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    /// <exception cref="ModelTrackException">It is a file, or a folder of other things than runs.</exception>
    public FileBackend(string root, FolderAddressing form, TimeProvider clock, ILogger logger)
    {
        _clock = clock;
        _logger = logger;
        _layout = new FileLayout(root);
        _experimentReader = new ExperimentReader(_layout, clock, logger);
        _runs = new RunFiles(_layout, clock);
        _experiments = new ExperimentFiles(_layout, _experimentReader, _runs, form, clock, logger);
        _creator = new RunCreator(_layout, _experimentReader);
        _searcher = new RunSearcher(_layout, clock, logger);
        _batches = new BatchWriter(_layout, _runs, clock, logger);
        Destination = ArtifactLocations.ForExperiment(FolderAddressing.Implicit, _layout.Root, "").TrimEnd('/', '\\');
        if (_layout.Root.Split('/', '\\').Contains("artifacts"))
        {
            logger.LogWarning("MLflow does not read runs below a folder named 'artifacts', as in {Root}.", _layout.Root);
        }

        try
        {
            StoreFolder.Check(_layout.Root);
            _experiments.MakeStore();
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"A store cannot be made in '{_layout.Root}': {e.Message}", e);
        }
    }

    public string Destination { get; }

    public bool KeysArePaths => true;

    public ValueTask<Experiment> GetExperimentAsync(string experimentId, CancellationToken cancellationToken)
        => Do(() => _experimentReader.Get(experimentId, cancellationToken));

    public ValueTask<Experiment?> FindExperimentAsync(string name, CancellationToken cancellationToken)
        => Do(() => _experimentReader.Find(name, cancellationToken));

    public ValueTask<Experiment> CreateExperimentAsync(
        string name, string? artifactLocation, IReadOnlyDictionary<string, string>? tags, CancellationToken cancellationToken)
        => Do(() => _experiments.Create(name, artifactLocation, tags, cancellationToken));

    public ValueTask RenameExperimentAsync(string experimentId, string newName, CancellationToken cancellationToken)
        => Do(() => _experiments.Rename(experimentId, newName, cancellationToken));

    public ValueTask DeleteExperimentAsync(string experimentId, CancellationToken cancellationToken)
        => Do(() => _experiments.Delete(experimentId, cancellationToken));

    public ValueTask RestoreExperimentAsync(string experimentId, CancellationToken cancellationToken)
        => Do(() => _experiments.Restore(experimentId, cancellationToken));

    public ValueTask SetExperimentTagAsync(string experimentId, string key, string value, CancellationToken cancellationToken)
        => Do(() => _experiments.SetTag(experimentId, key, value, cancellationToken));

    public ValueTask DeleteExperimentTagAsync(string experimentId, string key, CancellationToken cancellationToken)
        => Do(() => _experiments.DeleteTag(experimentId, key, cancellationToken));

    public ValueTask<Page<Experiment>> SearchExperimentsAsync(
        ExperimentQuery query, string? pageToken, CancellationToken cancellationToken)
        => Do(() =>
        {
            var search = ExperimentSearch.Parse(query.Filter, query.OrderBy);
            var token = PageToken.Parse(pageToken);
            var hits = _experimentReader.List(query.View, cancellationToken).Where(search.Matches).ToList();
            search.Sort(hits);
            return token.Cut(hits, query.PageSize);
        });

    public ValueTask<RunSnapshot> CreateRunAsync(RunCreation run, CancellationToken cancellationToken)
        => Do(() => ReadRun(_creator.Create(run, cancellationToken), cancellationToken));

    public ValueTask<RunSnapshot> GetRunAsync(string runId, CancellationToken cancellationToken)
        => Do(() => ReadRun(_runs.RequireFolder(runId), cancellationToken));

    public ValueTask UpdateRunAsync(
        string runId, RunStatus? status, DateTimeOffset? endTime, string? name, bool clearEndTime, CancellationToken cancellationToken)
        => Do(() => _runs.Update(runId, status, endTime, name, clearEndTime, cancellationToken));

    public ValueTask<bool> CloseRunAsync(
        string runId, string session, RunStatus status, DateTimeOffset lastSeen, CancellationToken cancellationToken)
        => Do(() => _runs.Close(runId, folder => ReadRun(folder, cancellationToken), session, status, lastSeen, cancellationToken));

    public ValueTask DeleteRunAsync(string runId, CancellationToken cancellationToken) => Do(() => _runs.Delete(runId, cancellationToken));

    public ValueTask RestoreRunAsync(string runId, CancellationToken cancellationToken)
        => Do(() => _runs.Restore(runId, cancellationToken));

    public ValueTask SetRunTagAsync(string runId, string key, string value, CancellationToken cancellationToken)
        => Do(() => _runs.SetTag(runId, key, value, cancellationToken));

    public ValueTask DeleteRunTagAsync(string runId, string key, CancellationToken cancellationToken)
        => Do(() => _runs.DeleteTag(runId, key, cancellationToken));

    public ValueTask<Page<RunSnapshot>> SearchRunsAsync(RunQuery query, string? pageToken, CancellationToken cancellationToken)
        => new(Task.Run(() => _searcher.Search(query, pageToken, cancellationToken), cancellationToken));

    public IAsyncEnumerable<MetricPoint> GetMetricHistoryAsync(string runId, string key, CancellationToken cancellationToken)
        => MetricFile.ReadHistoryAsync(() => KeyPath.Checked(FileLayout.Metrics(_runs.RequireFolder(runId)), key), _logger, cancellationToken);

    public ValueTask<IReadOnlyList<RecordRefusal>> LogBatchAsync(RunBatch batch, CancellationToken cancellationToken)
        => Do(() => _batches.Write(batch, cancellationToken));

    public ValueTask RemoveTornPointsAsync(string runId, CancellationToken cancellationToken)
        => Do(() => _batches.RemoveTornPoints(runId, cancellationToken));

    public ValueTask<IReadOnlyList<ArtifactInfo>> ListArtifactsAsync(string runId, string path, CancellationToken cancellationToken)
        => Do(IReadOnlyList<ArtifactInfo> () =>
        {
            var folder = _runs.RequireFolder(runId);
            return ArtifactFiles.List(ReadMeta(folder, cancellationToken), folder, path);
        });

    public ValueTask<Stream> OpenArtifactAsync(string runId, string path, CancellationToken cancellationToken)
        => Do(Stream () =>
        {
            var folder = _runs.RequireFolder(runId);
            return ArtifactFiles.Open(ReadMeta(folder, cancellationToken), folder, path);
        });

    public async ValueTask WriteArtifactAsync(string runId, string path, Stream content, CancellationToken cancellationToken)
    {
        var folder = _runs.RequireFolder(runId);
        _runs.RequireActive(folder, cancellationToken);
        var run = ReadMeta(folder, cancellationToken);
        await ArtifactFiles.WriteAsync(run, folder, path, content, cancellationToken).ConfigureAwait(false);
    }

    public void Dispose() => _searcher.Dispose();

    private RunSnapshot ReadRun(string folder, CancellationToken cancellationToken)
        => Read(folder, reader => reader.Read(folder, ViewType.All)!, cancellationToken);

    private RunSnapshot ReadMeta(string folder, CancellationToken cancellationToken)
        => Read(folder, reader => reader.ReadMeta(folder), cancellationToken);

    private RunSnapshot Read(string folder, Func<RunReader, RunSnapshot> read, CancellationToken cancellationToken)
    {
        using var reader = new RunReader(_logger);
        try
        {
            return MetaFile.Patiently(() => read(reader), folder, _clock, cancellationToken);
        }
        catch (InvalidDataException e)
        {
            throw new ModelTrackException(
                ErrorCode.InvalidState, $"The run '{Path.GetFileName(folder)}' is damaged ('{FileLayout.Meta(folder)}'): {e.Message}", e);
        }
    }
}
