using System.Text.Json;

namespace ModelTrack.Client.Benchmarks.Paths;

/// <summary>One line of the fast mode.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Value">How much.</param>
/// <param name="Unit">Of what.</param>
/// <param name="Limit">What it must reach, in the same unit; null where it is only shown.</param>
/// <param name="Ratio">The value as a multiple of the baseline's, which was measured beside it; null where there is none.</param>
/// <param name="Met">Whether the limit is met, and that of the ratio where there is one.</param>
internal sealed record Figure(string Name, double Value, string Unit, double? Limit, double? Ratio, bool Met)
{
    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web) { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="name">What was measured.</param>
    /// <param name="value">How much.</param>
    /// <param name="unit">Of what.</param>
    /// <param name="limit">The most that it may be.</param>
    /// <param name="baseline">What was measured beside it.</param>
    /// <param name="ratio">The most that it may be as a multiple of the baseline.</param>
    public static Figure AtMost(string name, double value, string unit, double limit, double? baseline, double ratio = double.MaxValue) =>
        new(name, Round(value), unit, Round(limit), Ratio: baseline is { } other ? Round(value / other) : null, value <= limit && !(value / baseline > ratio));

    /// <param name="name">What was measured.</param>
    /// <param name="value">How much.</param>
    /// <param name="unit">Of what.</param>
    /// <param name="limit">The least that it must be.</param>
    /// <param name="baseline">What was measured beside it.</param>
    /// <param name="ratio">The least that it must be as a multiple of the baseline.</param>
    public static Figure AtLeast(string name, double value, string unit, double limit, double? baseline, double ratio = 0) =>
        new(name, Round(value), unit, Round(limit), Ratio: baseline is { } other ? Round(value / other) : null, value >= limit && !(value / baseline < ratio));

    public static Figure Shown(string name, double value, string unit, double? baseline) =>
        new(name, Round(value), unit, Limit: null, Ratio: baseline is { } other ? Round(value / other) : null, Met: true);

    public override string ToString() => JsonSerializer.Serialize(this, Web);

    /// <summary>Four digits: more is noise.</summary>
    private static double Round(double value) =>
        value == 0 || !double.IsFinite(value) ? 0 : Math.Round(value, Math.Clamp(3 - (int)Math.Floor(Math.Log10(Math.Abs(value))), 0, 6));
}
