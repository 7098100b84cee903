using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

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
    [JsonIgnore]
    public string? Context => Tags.GetValueOrDefault(SystemTags.DataContext);

    /// <summary>A data set from a path or URI, with source type and source as MLflow's own client gives them.</summary>
    /// <param name="source">
    /// Where it came from: a path or <c>file:</c> URI (type <c>local</c>), an <c>http(s):</c> URL (<c>http</c>), or a URI of another scheme,
    /// which is the type then (<c>s3</c>, <c>gs</c>, …). A user name and password in a URL are left out.
    /// </param>
    /// <param name="name">The data set's name.</param>
    /// <param name="digest">A short fingerprint of its content, at most 36 characters.</param>
    /// <param name="schema">Its schema as JSON text. Default: none.</param>
    /// <param name="profile">Its profile as JSON text. Default: none.</param>
    /// <returns>The data set, without tags.</returns>
    /// <exception cref="ArgumentException"><paramref name="source"/> is empty.</exception>
    public static DatasetInput FromSource(string source, string name, string digest, string? schema = null, string? profile = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(source);
        var (type, key) = UriScheme.Of(source) switch
        {
            null or "file" => ("local", "uri"),
            "http" or "https" => ("http", "url"),
            var scheme => (scheme, "uri"),
        };
        var place = JsonEncodedText.Encode(type == "http" ? WithoutUserInfo(source) : source, JavaScriptEncoder.UnsafeRelaxedJsonEscaping);
        return new DatasetInput(
            name, digest, type, $$"""{"{{key}}": "{{place}}"}""", schema, profile, new Dictionary<string, string>());
    }

    private static string WithoutUserInfo(string url)
        => Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.UserInfo.Length > 0
            ? new UriBuilder(uri) { UserName = "", Password = "" }.Uri.AbsoluteUri
            : url;
}
