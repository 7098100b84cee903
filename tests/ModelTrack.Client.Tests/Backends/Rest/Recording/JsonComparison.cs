using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ModelTrack.Client.Tests.Backends.Rest.Recording;

/// <summary>Compares JSON by what it means: 3 is 3.0, and the order of an object's properties does not count.</summary>
internal static class JsonComparison
{
    /// <summary>What of the recorded value the other one lacks or has otherwise, with its place; and what it has besides.</summary>
    /// <param name="recorded">What was recorded.</param>
    /// <param name="actual">What is compared with it.</param>
    /// <param name="maySay">Whether the other one may have a property that was not recorded, by its name and value.</param>
    public static List<string> Differences(JsonNode? recorded, JsonNode? actual, Func<string, JsonNode?, bool> maySay)
    {
        var differences = new List<string>();
        Compare("$", recorded, actual, maySay, differences);
        return differences;
    }

    private static void Compare(
        string place, JsonNode? recorded, JsonNode? actual, Func<string, JsonNode?, bool> maySay, List<string> differences)
    {
        switch (recorded, actual)
        {
            case (JsonObject a, JsonObject b):
                foreach (var (name, value) in a)
                {
                    if (b.TryGetPropertyValue(name, out var other))
                    {
                        Compare($"{place}.{name}", value, other, maySay, differences);
                    }
                    else
                    {
                        differences.Add($"{place}.{name} is missing");
                    }
                }

                differences.AddRange(b.Where(p => !a.ContainsKey(p.Key) && !maySay(p.Key, p.Value)).Select(p => $"{place}.{p.Key} is new"));
                break;
            case (JsonArray a, JsonArray b) when a.Count == b.Count:
                for (var i = 0; i < a.Count; i++)
                {
                    Compare($"{place}[{i}]", a[i], b[i], maySay, differences);
                }

                break;
            case var _ when !AreEqual(recorded, actual):
                differences.Add($"{place} is {actual?.ToJsonString() ?? "null"}, not {recorded?.ToJsonString() ?? "null"}");
                break;
        }
    }

    private static bool AreEqual(JsonNode? a, JsonNode? b)
    {
        if (a is not JsonValue || b is not JsonValue || a.GetValueKind() != b.GetValueKind())
        {
            return a is null && b is null;
        }

        if (a.GetValueKind() != JsonValueKind.Number)
        {
            return a.ToString() == b.ToString();
        }

        var (left, right) = (a.ToJsonString(), b.ToJsonString());
        return long.TryParse(left, CultureInfo.InvariantCulture, out var x) && long.TryParse(right, CultureInfo.InvariantCulture, out var y)
            ? x == y
            : double.Parse(left, CultureInfo.InvariantCulture).Equals(double.Parse(right, CultureInfo.InvariantCulture));
    }
}
