namespace ModelTrack.Client.Backends;

/// <summary>
/// Consecutive records of one run, in the order in which they were logged, decoded from the journal. Lists are reused by the
/// dispatcher: a backend must not keep them. <c>Index</c> in a refusal counts per list.
/// </summary>
internal sealed class RunBatch
{
    public required string RunId { get; set; }

    /// <summary>The run's experiment, where it is known.</summary>
    public string? ExperimentId { get; set; }

    /// <summary>The run was created by this process, so that all that is in it came from here.</summary>
    public bool IsNewRun { get; set; }

    public List<ParamRecord> Params { get; } = [];

    /// <summary>Sets and deletions in order; the last one of a key counts.</summary>
    public List<TagRecord> Tags { get; } = [];

    public List<MetricRecord> Metrics { get; } = [];

    /// <summary>Files that wait beside the journal. A batch has these and nothing else, or none.</summary>
    public List<ArtifactRecord> Artifacts { get; } = [];

    /// <summary>Data sets that the run used. Of those with the same name and digest the first one counts.</summary>
    public List<DatasetInput> Inputs { get; } = [];

    /// <summary>A model that waits beside the journal. A batch has one and nothing else, or none.</summary>
    public ModelRecord? Model { get; set; }

    /// <summary>A change of status that comes after everything else of the batch; null when there is none.</summary>
    public StatusRecord? Status { get; set; }

    /// <summary>
    /// Set when an earlier try of exactly this batch may have got part of the way: for each metric key (by its number) the length that
    /// the metric's file had before the append. Null on a first try.
    /// </summary>
    public IReadOnlyDictionary<int, long>? PriorAppends { get; set; }

    /// <summary>
    /// Set when some of the batch may be stored already: an earlier try of it, or of a part or more of it, ended without an answer. A backend
    /// whose stores would keep a point twice looks first. A backend that has stored a part of the batch sets it, for the case that the rest
    /// fails.
    /// </summary>
    public bool MayBeStored { get; set; }

    /// <summary>How long a try that may have stored some of it may still be under way; a look before that may come too early.</summary>
    public Dispatch.LateWait? Late { get; set; }

    /// <summary>
    /// In how many tries, one after the other, the store took other writes but failed at a single record of the batch without saying why.
    /// Counted by the backend; what it was after a try comes back with the next.
    /// </summary>
    public int LoneFailures { get; set; }

    /// <summary>
    /// Called by a backend that appends, before it does: makes (metric key number, file length before) durable in the journal. What is
    /// noted here comes back as <see cref="PriorAppends"/> if this try does not end well, in this process or another.
    /// </summary>
    public Action<IReadOnlyDictionary<int, long>>? NoteAppends { get; set; }

    /// <summary>The first point of each metric key.</summary>
    public IEnumerable<MetricRecord> OneOfEachKey()
    {
        int? latest = null;
        HashSet<int>? others = null;
        foreach (var metric in Metrics)
        {
            // As a rule a batch has few keys, often one: no look-up for each of a thousand points.
            if (metric.KeyNumber != latest)
            {
                latest = metric.KeyNumber;
                if ((others ??= []).Add(metric.KeyNumber))
                {
                    yield return metric;
                }
            }
        }
    }
}

/// <param name="KeyNumber">The key's number in its journal: equal keys have equal numbers within a batch.</param>
/// <param name="Key">The metric's key.</param>
/// <param name="Point">The point.</param>
internal readonly record struct MetricRecord(int KeyNumber, string Key, MetricPoint Point);

internal readonly record struct ParamRecord(string Key, string Value);

/// <param name="Key">The tag's key.</param>
/// <param name="Value">Null: the tag is deleted.</param>
internal readonly record struct TagRecord(string Key, string? Value);

/// <param name="Path">Its path among the artifacts.</param>
/// <param name="StagedName">The name of the file that waits.</param>
internal readonly record struct ArtifactRecord(string Path, string StagedName);

/// <param name="Name">The model's name.</param>
/// <param name="StagedName">The name of the file that waits and describes it, a <see cref="ModelDraft"/>.</param>
internal sealed record ModelRecord(string Name, string StagedName);

internal sealed record StatusRecord(RunStatus Status, DateTimeOffset? EndTime);

/// <summary>The lists of a batch.</summary>
internal enum BatchPart
{
    Metric,
    Param,
    Tag,
    Artifact,
    Input,
    Status,
    Model,
}

/// <param name="Part">Which of the batch's lists.</param>
/// <param name="Index">The place in that list.</param>
/// <param name="Reason">Why it was refused, for the user.</param>
internal sealed record RecordRefusal(BatchPart Part, int Index, string Reason);
