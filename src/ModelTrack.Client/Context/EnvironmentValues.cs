using System.Globalization;

namespace ModelTrack.Client;

/// <summary>Variables that are more than text. A value that breaks its rule is an error that names variable, rule and value.</summary>
internal static class EnvironmentValues
{
    /// <summary>As MLflow reads its switches.</summary>
    /// <exception cref="ArgumentException">It is neither.</exception>
    public static bool? GetFlag(this TrackingEnvironment environment, string name) => environment.Get(name) switch
    {
        null => null,
        "1" => true,
        "0" => false,
        var value when value.Equals("true", StringComparison.OrdinalIgnoreCase) => true,
        var value when value.Equals("false", StringComparison.OrdinalIgnoreCase) => false,
        var value => throw Wrong(name, "true, false, 1 or 0", value),
    };

    /// <exception cref="ArgumentException">It is no whole number, or out of range.</exception>
    public static int? GetWhole(this TrackingEnvironment environment, string name, int least, int greatest)
    {
        if (environment.Get(name) is not { } value)
        {
            return null;
        }

        return int.TryParse(value, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) && number >= least && number <= greatest
            ? number
            : throw Wrong(
                name, greatest == int.MaxValue ? $"a whole number, {least} or more" : $"a whole number from {least} to {greatest}", value);
    }

    /// <summary>A time in seconds, which may have a fraction.</summary>
    /// <exception cref="ArgumentException">It is no number, or out of range.</exception>
    public static TimeSpan? GetSeconds(
        this TrackingEnvironment environment, string name, Func<double, bool> isAllowed, string rule)
    {
        if (environment.Get(name) is not { } value)
        {
            return null;
        }

        return double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && isAllowed(number)
            ? TimeSpan.FromSeconds(number)
            : throw Wrong(name, rule, value);
    }

    private static ArgumentException Wrong(string name, string rule, string value)
        => new($"The environment variable {name} must be {rule}, not {Excerpt.Of(value)}.");
}
