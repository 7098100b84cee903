using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace ModelTrack.Client.Numbers;

/// <summary>Numbers as Python's <c>float()</c> and <c>int()</c> read them: MLflow's metric files are made of those.</summary>
internal static class PythonNumber
{
    private const NumberStyles Float = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    public static bool TryParseInteger(ReadOnlySpan<byte> text, out long value)
        => (Utf8Parser.TryParse(text, out value, out var used) && used == text.Length)
            || (Normalize(text) is { } normal
                && long.TryParse(normal, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value));

    public static bool TryParseFloat(ReadOnlySpan<byte> text, out double value)
    {
        if (!text.IsEmpty && (char.IsAsciiDigit((char)text[^1]) || text[^1] == '.')
            && double.TryParse(text, Float, CultureInfo.InvariantCulture, out value))
        {
            return true;
        }

        value = 0;
        if (Normalize(text) is not { } normal)
        {
            return false;
        }

        var (sign, digits) = normal.StartsWith('-') ? (-1, normal[1..]) : normal.StartsWith('+') ? (1, normal[1..]) : (1, normal);
        switch (digits.ToLowerInvariant())
        {
            case "nan":
                value = double.NaN;
                return true;
            case "inf" or "infinity":
                value = sign * double.PositiveInfinity;
                return true;
            default:
                return digits.Length > 0 && char.IsAsciiDigit(digits[^1])
                    && double.TryParse(normal, Float, CultureInfo.InvariantCulture, out value);
        }
    }

    /// <summary>Without the underscores that Python allows between digits; null when they are elsewhere.</summary>
    private static string? Normalize(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty || text.Length > 400)
        {
            return null;
        }

        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '_'
                && (i == 0 || i == text.Length - 1 || !char.IsAsciiDigit((char)text[i - 1]) || !char.IsAsciiDigit((char)text[i + 1])))
            {
                return null;
            }
        }

        return Encoding.ASCII.GetString(text).Replace("_", "", StringComparison.Ordinal);
    }
}
