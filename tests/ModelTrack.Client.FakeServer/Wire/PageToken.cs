using System.Text;
using System.Text.Json;

namespace ModelTrack.Client.Fakes.Wire;

/// <summary>The tokens of pages: base64 of a JSON object with the offset.</summary>
internal static class PageToken
{
    public static string Write(long offset) => Convert.ToBase64String(Encoding.ASCII.GetBytes($"{{\"offset\": {offset}}}"));

    /// <summary>The offset; 0 for no token.</summary>
    public static int Read(string? token)
    {
        if (string.IsNullOrEmpty(token))
        {
            return 0;
        }

        byte[] bytes;
        try
        {
            bytes = Convert.FromBase64String(token);
        }
        catch (FormatException)
        {
            throw FakeException.Invalid("Invalid page token, could not base64-decode");
        }

        try
        {
            using var json = JsonDocument.Parse(bytes);
            if (json.RootElement.TryGetProperty("offset", out var offset) && offset.TryGetInt32(out var number) && number != 0)
            {
                return number;
            }
        }
        catch (JsonException)
        {
            throw FakeException.Invalid($"Invalid page token, decoded value={Encoding.UTF8.GetString(bytes)}");
        }

        throw FakeException.Invalid($"Invalid page token, parsed value={Encoding.UTF8.GetString(bytes)}");
    }

    /// <summary>One page of a list, and the token of the next.</summary>
    public static (IReadOnlyList<T> Items, string? Next) Page<T>(IReadOnlyList<T> all, string? token, long maxResults)
    {
        var offset = Math.Min(Read(token), all.Count);
        var end = Math.Min(offset + maxResults, all.Count);
        var page = new List<T>((int)Math.Max(0, end - offset));
        for (var i = offset; i < end; i++)
        {
            page.Add(all[i]);
        }

        return (page, end < all.Count ? Write(end) : null);
    }
}
