using System.Globalization;
using System.Text;

namespace ModelTrack.Client.Fakes;

/// <summary>The head of a request that has arrived at a <see cref="FaultyProxy"/>.</summary>
internal sealed class ProxiedRequest
{
    private readonly string[] _lines;

    public ProxiedRequest(byte[] head)
    {
        Head = head;
        _lines = Encoding.Latin1.GetString(head).Split("\r\n");
        var words = _lines[0].Split(' ');
        (Method, Target) = (words[0], words[1]);
        ContentLength = Header("Content-Length") is { } length ? int.Parse(length, CultureInfo.InvariantCulture) : 0;
        IsChunked = Header("Transfer-Encoding") is not null;
    }

    public byte[] Head { get; }

    public string Method { get; }

    /// <summary>Path and query.</summary>
    public string Target { get; }

    public int ContentLength { get; }

    public bool IsChunked { get; }

    private string? Header(string name)
        => _lines.Skip(1).Select(line => line.Split(": ", 2)).FirstOrDefault(pair => pair[0].Equals(name, StringComparison.OrdinalIgnoreCase))?[^1];
}
