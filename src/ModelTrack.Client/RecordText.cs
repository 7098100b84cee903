using System.Globalization;
using System.Text;

namespace ModelTrack.Client;

/// <summary>Writes a record's members as records write them, and what is in their collections, of which those print the type alone.</summary>
internal static class RecordText
{
    public static StringBuilder Member(this StringBuilder builder, string name, object? value)
        => builder.Append(builder is [.., '{', ' '] or [] ? "" : ", ").Append(name).Append(" = ").Append(Of(value));

    private static string Of(object? value) => value switch
    {
        null => "",
        IEnumerable<KeyValuePair<string, string>> pairs => List(pairs.Select(pair => $"{pair.Key}: {pair.Value}")),
        IEnumerable<KeyValuePair<string, int>> pairs => List(pairs.Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key}: {pair.Value}"))),
        IEnumerable<string> texts => List(texts),
        IEnumerable<ModelVersion> versions => List(versions.Select(version => version.Version.ToString(CultureInfo.InvariantCulture))),
        DateTimeOffset time => time.ToString("u", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };

    private static string List(IEnumerable<string> items) => $"[{string.Join(", ", items)}]";
}
