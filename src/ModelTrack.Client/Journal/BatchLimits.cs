namespace ModelTrack.Client.Journal;

/// <summary>How large a batch may be.</summary>
/// <param name="Metrics">Metric points.</param>
/// <param name="Params">Params.</param>
/// <param name="Tags">Tags.</param>
/// <param name="Total">All of these together.</param>
/// <param name="MetricKeys">Different metric keys.</param>
internal sealed record BatchLimits(int Metrics, int Params, int Tags, int Total, int MetricKeys)
{
    /// <summary>More records than this go into no request to a server.</summary>
    public const int LargestOfServers = 1000;

    /// <summary>Files that are sent side by side.</summary>
    public const int Artifacts = 16;

    /// <summary>Data sets in a batch: each may take nearly a megabyte.</summary>
    public const int Inputs = 16;

    /// <summary>A folder has no limits; these bound the memory of a batch and the note that is written before it.</summary>
    public static readonly BatchLimits Files = new(1 << 16, 1 << 12, 1 << 12, 1 << 16, 1 << 14);
}
