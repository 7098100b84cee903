using System.Globalization;
using System.Security.Cryptography;

namespace ModelTrack.Client.Fakes;

/// <summary>What a server (or one workspace of it) has stored. Its members may be read from any thread.</summary>
public sealed class FakeState
{
    internal const string DefaultExperimentId = "0";

    private readonly OrderedDictionary<string, FakeExperiment> _experiments = [];
    private readonly OrderedDictionary<string, FakeRun> _runs = [];
    private readonly OrderedDictionary<string, FakeLoggedModel> _loggedModels = [];
    private readonly OrderedDictionary<string, FakeRegisteredModel> _registeredModels = [];
    private readonly StoreSemantics _semantics;
    private int _lastExperiment;

    internal FakeState(StoreSemantics semantics, long now, string artifactRoot)
    {
        _semantics = semantics;
        ArtifactRoot = artifactRoot;
        _experiments.Add(DefaultExperimentId, new FakeExperiment
        {
            Id = DefaultExperimentId,
            Name = "Default",
            ArtifactLocation = $"{artifactRoot}/{DefaultExperimentId}",
            CreationTime = now,
            LastUpdateTime = now,
        });
    }

    /// <summary>The experiments, deleted ones included, in the order of their creation.</summary>
    public IReadOnlyList<FakeExperiment> Experiments => Read(() => _experiments.Values.ToList());

    /// <summary>The runs, deleted ones included, in the order of their creation.</summary>
    public IReadOnlyList<FakeRun> Runs => Read(() => _runs.Values.ToList());

    /// <summary>The logged models, deleted ones included, in the order of their creation.</summary>
    public IReadOnlyList<FakeLoggedModel> LoggedModels => Read(() => _loggedModels.Values.ToList());

    /// <summary>The registered models, in the order of their creation.</summary>
    public IReadOnlyList<FakeRegisteredModel> RegisteredModels => Read(() => _registeredModels.Values.ToList());

    /// <summary>The artifacts by their paths below the root of the proxy.</summary>
    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Artifacts
        => Read(() => ArtifactStore.ToDictionary(a => a.Key, a => (ReadOnlyMemory<byte>)a.Value));

    internal Lock Gate { get; } = new();

    internal string ArtifactRoot { get; }

    internal SortedDictionary<string, byte[]> ArtifactStore { get; } = new(StringComparer.Ordinal);

    internal OrderedDictionary<string, FakeExperiment> ExperimentStore => _experiments;

    internal OrderedDictionary<string, FakeRun> RunStore => _runs;

    internal OrderedDictionary<string, FakeLoggedModel> LoggedModelStore => _loggedModels;

    internal OrderedDictionary<string, FakeRegisteredModel> RegisteredModelStore => _registeredModels;

    /// <summary>The data sets of all experiments, by experiment, name and digest.</summary>
    internal Dictionary<(string Experiment, string Name, string Digest), FakeDataset> Datasets { get; } = [];

    /// <summary>A run.</summary>
    /// <param name="runId">The run's id.</param>
    /// <returns>The run.</returns>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public FakeRun GetRun(string runId) => Read(() => _runs[runId]);

    /// <summary>A copy of a metric's points in the order of their arrival, taken between two requests.</summary>
    /// <param name="runId">The run's id.</param>
    /// <param name="key">The metric's name.</param>
    /// <returns>The points; none for a metric that there is not.</returns>
    /// <exception cref="KeyNotFoundException">There is no such run.</exception>
    public IReadOnlyList<FakePoint> GetHistory(string runId, string key) => Read(() => _runs[runId].GetHistory(key).ToList());

    internal string NewExperimentId()
    {
        if (_semantics == StoreSemantics.Sql)
        {
            return (++_lastExperiment).ToString(CultureInfo.InvariantCulture);
        }

        string id;
        do
        {
            id = string.Concat(
                RandomNumberGenerator.GetInt32(100_000_000, 1_000_000_000).ToString(CultureInfo.InvariantCulture),
                RandomNumberGenerator.GetInt32(100_000_000, 1_000_000_000).ToString(CultureInfo.InvariantCulture));
        }
        while (_experiments.ContainsKey(id));

        return id;
    }

    private T Read<T>(Func<T> read)
    {
        lock (Gate)
        {
            return read();
        }
    }
}
