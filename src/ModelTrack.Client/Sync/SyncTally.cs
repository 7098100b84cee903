namespace ModelTrack.Client;

/// <summary>What is counted while one thing is copied. For one thread, but for artifacts, conflicts and failures.</summary>
internal sealed class SyncTally
{
    private const int MostConflicts = 100;

    private const int MostFailures = 20;

    private readonly List<string> _conflicts = [];
    private readonly List<string> _failures = [];
    private long _artifacts;
    private long _artifactBytes;

    public long Params { get; set; }

    public long Tags { get; set; }

    public long MetricPoints { get; set; }

    public long DatasetInputs { get; set; }

    public long LoggedModels { get; set; }

    /// <summary>Something was changed that is not counted: the thing was made, or its status changed.</summary>
    public bool IsChanged { get; set; }

    public bool IsNew { get; set; }

    /// <summary>Why something is left for the next sync; null when nothing is.</summary>
    public string? Failure
    {
        get
        {
            lock (_failures)
            {
                return _failures.Count == 0 ? null
                    : string.Join(' ', _failures.Take(MostFailures)) + (_failures.Count > MostFailures ? " And so on." : "");
            }
        }
    }

    public bool HasConflicts => _conflicts.Count > 0;

    public bool IsAnythingCopied => IsChanged || Params + Tags + MetricPoints + DatasetInputs + LoggedModels + _artifacts > 0;

    public void AddArtifact(long size)
    {
        Interlocked.Increment(ref _artifacts);
        Interlocked.Add(ref _artifactBytes, size);
    }

    /// <summary>Nothing of what was counted has been done.</summary>
    public void Reset()
    {
        (Params, Tags, MetricPoints, DatasetInputs, LoggedModels, _artifacts, _artifactBytes) = (0, 0, 0, 0, 0, 0, 0);
        IsChanged = false;
    }

    public void Fail(string reason)
    {
        lock (_failures)
        {
            if (_failures.Count <= MostFailures)
            {
                _failures.Add(reason);
            }
        }
    }

    public void AddConflict(string conflict)
    {
        lock (_conflicts)
        {
            if (_conflicts.Count < MostConflicts)
            {
                _conflicts.Add(conflict);
            }
        }
    }

    public void AddDifference(string what, string there, string here)
        => AddConflict($"The {what} is {Excerpt.Of(there)} in the target and {Excerpt.Of(here)} in the source.");

    public SyncItem ToItem(SyncItemKind kind, string name, string sourceId, string? targetId) => new()
    {
        Kind = kind,
        Name = name,
        SourceId = sourceId,
        TargetId = targetId,
        IsNew = IsNew,
        Outcome = Failure is not null ? SyncOutcome.Failed
            : HasConflicts ? SyncOutcome.Conflict
            : IsAnythingCopied ? SyncOutcome.Copied
            : SyncOutcome.Unchanged,
        Copied = new SyncCounts
        {
            Params = Params,
            Tags = Tags,
            MetricPoints = MetricPoints,
            DatasetInputs = DatasetInputs,
            Artifacts = _artifacts,
            ArtifactBytes = _artifactBytes,
            LoggedModels = LoggedModels,
        },
        Conflicts = [.. _conflicts],
        Failure = Failure,
    };
}
