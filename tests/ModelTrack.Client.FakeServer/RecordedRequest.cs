using System.Text;

namespace ModelTrack.Client.Fakes;

/// <summary>A request as it came in.</summary>
/// <param name="Method">The method.</param>
/// <param name="Target">The path and query, as sent.</param>
/// <param name="Headers">The headers; several of a name are joined by a comma.</param>
/// <param name="Body">The body.</param>
public sealed record RecordedRequest(string Method, string Target, IReadOnlyDictionary<string, string> Headers, ReadOnlyMemory<byte> Body)
{
    /// <summary>The body as text.</summary>
    public string BodyText => Encoding.UTF8.GetString(Body.Span);

    /// <inheritdoc/>
    public override string ToString() => $"{Method} {Target}";
}
