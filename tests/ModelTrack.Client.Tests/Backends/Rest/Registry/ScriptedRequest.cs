namespace ModelTrack.Client.Tests.Backends.Rest;

/// <param name="Path">Path and query, as they were sent.</param>
/// <param name="Body">Empty when there is none.</param>
internal sealed record ScriptedRequest(string Path, string Body)
{
    /// <summary>The last parts of the path, without the query: <c>model-versions/create</c>.</summary>
    public string Call => string.Join('/', Path.Split('?')[0].Split('/')[^2..]);
}
