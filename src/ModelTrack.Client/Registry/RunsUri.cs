namespace ModelTrack.Client;

/// <summary>A <c>runs:/</c> URI, taken apart: a run, and a path among its artifacts.</summary>
/// <param name="RunId">The run's id.</param>
/// <param name="Path">The path with <c>/</c>; empty for all of the run's artifacts.</param>
internal sealed record RunsUri(string RunId, string Path)
{
    public const string Scheme = "runs";

    /// <exception cref="ArgumentException">It is none.</exception>
    public static RunsUri Parse(string uri)
    {
        var rest = uri.StartsWith("runs:/", StringComparison.OrdinalIgnoreCase) ? uri["runs:/".Length..] : "";
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        var runId = slash < 0 ? rest : rest[..slash];
        if (runId.Length == 0)
        {
            throw new ArgumentException($"{Excerpt.Of(uri)} names no run. The form is runs:/<run id>/<path of the model>.", nameof(uri));
        }

        Rules.CheckRunId(runId);
        return new RunsUri(runId, slash < 0 ? "" : ArtifactPath.NormalizeForReading(rest[(slash + 1)..].TrimEnd('/')));
    }
}
