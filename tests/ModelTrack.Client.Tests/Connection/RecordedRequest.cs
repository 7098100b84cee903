namespace ModelTrack.Client.Tests.Connection;

/// <summary>A request as it would go out.</summary>
internal sealed record RecordedRequest(HttpMethod Method, Uri Uri, IReadOnlyDictionary<string, string> Headers)
{
    public string? Authorization => Headers.GetValueOrDefault("Authorization");
}
