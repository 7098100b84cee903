using System.Globalization;
using System.Text.Json;
using Serving.Requests;

namespace Serving.Columns;

/// <summary>From a value of a request to the type that the model declares, as the scoring server of MLflow casts.</summary>
internal static class Casts
{
    /// <summary>Null is NaN.</summary>
    public static double ToNumber(Cell cell) => cell switch
    {
        { IsNull: true } => double.NaN,
        { Text: { } text } => Parse(text),
        { Json.ValueKind: JsonValueKind.Number } => cell.Json.GetDouble(),
        { Json.ValueKind: JsonValueKind.True } => 1,
        { Json.ValueKind: JsonValueKind.False } => 0,
        { Json.ValueKind: JsonValueKind.String } => Parse(cell.Json.GetString()!),
        _ => throw NoValue("number"),
    };

    /// <summary>A number without a fraction, however it is written: 1.0 is one, 1.5 is none.</summary>
    public static long ToInteger(Cell cell)
    {
        var text = cell switch
        {
            { IsNull: true } => throw NoValue("whole number"),
            { Text: { } csv } => csv,
            { Json.ValueKind: JsonValueKind.Number } => cell.Json.GetRawText(),
            { Json.ValueKind: JsonValueKind.True } => "1",
            { Json.ValueKind: JsonValueKind.False } => "0",
            { Json.ValueKind: JsonValueKind.String } => cell.Json.GetString()!,
            _ => throw NoValue("whole number"),
        };
        if (long.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out var integer))
        {
            return integer;
        }

        var number = Parse(text);
        return Math.Floor(number) == number ? checked((long)number) : throw NoValue("whole number");
    }

    public static bool ToBoolean(Cell cell) => cell switch
    {
        { IsNull: true } => throw NoValue("boolean"),
        { Json.ValueKind: JsonValueKind.True } => true,
        { Json.ValueKind: JsonValueKind.False } => false,
        { Text: { } text } when bool.TryParse(text, out var value) => value,
        _ => ToInteger(cell) switch
        {
            0 => false,
            1 => true,
            _ => throw NoValue("boolean"),
        },
    };

    /// <summary>Null is the empty text, which is ML.NET's missing one.</summary>
    public static string ToText(Cell cell) => cell switch
    {
        { IsNull: true } => "",
        { Text: { } text } => text,
        { Json.ValueKind: JsonValueKind.String } => cell.Json.GetString()!,
        _ => throw NoValue("string"),
    };

    public static DateTime ToDateTime(Cell cell)
    {
        var text = cell.Text ?? (cell.Json.ValueKind == JsonValueKind.String ? cell.Json.GetString()! : throw NoValue("datetime"));
        return DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal).UtcDateTime;
    }

    private static double Parse(string text) => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);

    private static FormatException NoValue(string expected) => new($"not a {expected}");
}
