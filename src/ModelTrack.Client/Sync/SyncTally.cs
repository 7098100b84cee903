namespace ModelTrack.Client;

/// <summary>What is counted while one thing is copied. For one thread, but for the artifacts.</summary>
internal sealed class SyncTally
{
    private const int MostConflicts = 100;

    private readonly List<string> _conflicts = [];
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

    /// <summary>Something is left that the next sync can do: the copy is not closed.</summary>
    public string? Failure { get; set; }

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
