using System.Text.Json;
using System.Text.RegularExpressions;

namespace ModelTrack.Client.Tests.Fakes;

/// <summary>
/// What of the recordings a server made up (ids, random names, signed addresses), and what the server at hand made up in their place.
/// </summary>
internal sealed partial class RecordedNames
{
    private static readonly HashSet<string> Tokens = ["upload_id", "url", "next_page_token"];

    private readonly Dictionary<string, string> _actual = new(StringComparer.Ordinal);

    /// <summary>A text of the recordings with the names of the server at hand.</summary>
    public string Replace(string recorded)
    {
        // Addresses hold ids; the longest names go first.
        foreach (var (name, actual) in _actual.OrderByDescending(pair => pair.Key.Length))
        {
            recorded = recorded.Replace(name, actual, StringComparison.Ordinal);
        }

        return recorded;
    }

    /// <summary>Walks through two answers and takes up names that come up for the first time.</summary>
    public void Learn(JsonElement recorded, JsonElement actual, string property = "")
    {
        if (recorded.ValueKind != actual.ValueKind)
        {
            return;
        }

        switch (recorded.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var field in recorded.EnumerateObject())
                {
                    if (actual.TryGetProperty(field.Name, out var other))
                    {
                        Learn(field.Value, other, field.Name);
                    }
                }

                break;
            case JsonValueKind.Array:
                foreach (var (left, right) in recorded.EnumerateArray().Zip(actual.EnumerateArray()))
                {
                    Learn(left, right, property);
                }

                break;
            case JsonValueKind.String:
                LearnText(recorded.GetString()!, actual.GetString()!, property);
                break;
        }
    }

    private void LearnText(string recorded, string actual, string property)
    {
        var known = Replace(recorded) != recorded;
        if (recorded != actual && (Tokens.Contains(property) || (!known && (Id().IsMatch(recorded) || RandomName().IsMatch(recorded)))))
        {
            _actual.TryAdd(recorded, actual);
        }
    }

    [GeneratedRegex("^(m-)?[0-9a-f]{32}$")]
    private static partial Regex Id();

    [GeneratedRegex(@"^[a-z]+-[a-z]+-\d+$")]
    private static partial Regex RandomName();
}
