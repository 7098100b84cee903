using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ModelTrack.Client.Backends;

/// <summary>
/// MLflow's page token where it searches in memory, base64 of <c>{"offset": n}</c>; ours also says which search it goes on with, so that
/// the next page need not read the whole folder again.
/// </summary>
internal readonly record struct PageToken(int Offset, string? Search)
{
    /// <exception cref="ArgumentException">It is none.</exception>
    public static PageToken Parse(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return default;
        }

        try
        {
            using var json = JsonDocument.Parse(Convert.FromBase64String(text));
            var offset = json.RootElement.GetProperty("offset").GetInt32();
            var search = json.RootElement.TryGetProperty("search", out var id) ? id.GetString() : null;
            return offset >= 0 ? new PageToken(offset, search) : throw new FormatException("The offset is negative.");
        }
        catch (Exception e) when (e is FormatException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new ArgumentException($"'{text}' is not a page token.", nameof(text), e);
        }
    }

    /// <summary>Whether hits are left behind the page that begins here.</summary>
    public bool IsFollowed<T>(List<T> hits, int pageSize) => hits.Count - (long)Offset > pageSize;

    /// <summary>The page that begins here.</summary>
    public Page<T> Cut<T>(List<T> hits, int pageSize)
    {
        var start = Math.Min(Offset, hits.Count);
        var page = hits.GetRange(start, Math.Min(pageSize, hits.Count - start));
        return new Page<T>(page, IsFollowed(hits, pageSize) ? (this with { Offset = start + page.Count }).ToString() : null);
    }

    public override string ToString()
    {
        var offset = Offset.ToString(CultureInfo.InvariantCulture);
        var json = Search is null ? $$"""{"offset": {{offset}}}""" : $$"""{"offset": {{offset}}, "search": "{{Search}}"}""";
        return Convert.ToBase64String(Encoding.UTF8.GetBytes(json));
    }
}
