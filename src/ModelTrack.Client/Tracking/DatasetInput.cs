namespace ModelTrack.Client;

/// <summary>A data set that a run used, as MLflow stores it (<c>runs/log-inputs</c>).</summary>
/// <param name="Name">The data set's name.</param>
/// <param name="Digest">A short fingerprint of its content, at most 36 characters. Name and digest identify a data set in an experiment.</param>
/// <param name="SourceType">What kind of place it came from, for example <c>local</c>, <c>http</c>, <c>code</c>.</param>
/// <param name="Source">Where it came from, as JSON text.</param>
/// <param name="Schema">Its schema as JSON text, or null.</param>
/// <param name="Profile">Its profile (number of rows and the like) as JSON text, or null.</param>
/// <param name="Tags">Tags of this use, for example <c>mlflow.data.context</c> = <c>training</c>.</param>
public sealed record DatasetInput(
    string Name,
    string Digest,
    string SourceType,
    string Source,
    string? Schema,
    string? Profile,
    IReadOnlyDictionary<string, string> Tags)
{
    /// <summary>What the run used it for (tag <c>mlflow.data.context</c>), for example <c>training</c>; null when not said.</summary>
    public string? Context => Tags.GetValueOrDefault(SystemTags.DataContext);
}
