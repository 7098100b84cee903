namespace ModelTrack.Client.Backends.Files.Search;

/// <summary>A run that a search has read, and by what a change of it shows.</summary>
internal sealed class CachedRun(RunSnapshot run, RunStamps stamps)
{
    // Measured on 64 bits: what a run, and what an entry of a dictionary with its stamp, takes beside its texts.
    private const int RunBytes = 1500;
    private const int EntryBytes = 120;

    public RunSnapshot Run => run;

    public RunStamps Stamps => stamps;

    /// <summary>The number of the latest search that used it.</summary>
    public int LastSearch { get; set; }

    /// <summary>About how much memory it takes.</summary>
    public long Bytes { get; } = RunBytes
        + BytesOf(run.Params)
        + BytesOf(run.Tags)
        + run.Metrics.Sum(metric => EntryBytes + (2L * metric.Key.Length))
        + run.DatasetInputs.Sum(input => RunBytes + (2L * (input.Source.Length + (input.Schema?.Length ?? 0) + (input.Profile?.Length ?? 0))))
        + ((run.ModelInputs.Count + run.ModelOutputs.Count) * EntryBytes);

    private static long BytesOf(IReadOnlyDictionary<string, string> texts)
        => texts.Sum(text => EntryBytes + (2L * (text.Key.Length + text.Value.Length)));
}
