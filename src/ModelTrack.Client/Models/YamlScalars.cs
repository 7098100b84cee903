using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;

namespace ModelTrack.Client;

/// <summary>What a YAML 1.1 scalar without quotes means to PyYAML: <c>yes</c> is true, <c>1:30</c> is 90, <c>1e5</c> is a text.</summary>
internal static partial class YamlScalars
{
    /// <summary>The most digits of a whole number: Python too refuses those that take long to read.</summary>
    public const int MaxDigits = 1000;

    /// <summary>The value; null for the merge key, which is no value.</summary>
    public static ModelValue? Resolve(string text)
    {
        switch (text)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                return ModelValue.Null;
            case "yes" or "Yes" or "YES" or "true" or "True" or "TRUE" or "on" or "On" or "ON":
                return ModelValue.Of(true);
            case "no" or "No" or "NO" or "false" or "False" or "FALSE" or "off" or "Off" or "OFF":
                return ModelValue.Of(false);
            case "<<":
                return null;
        }

        if (text.Length <= MaxDigits && (char.IsAsciiDigit(text[0]) || text[0] is '-' or '+' or '.'))
        {
            if (Integer().IsMatch(text))
            {
                return ModelValue.OfInteger(ParseInteger(text));
            }

            if (Float().IsMatch(text))
            {
                return ModelValue.Of(ParseFloat(text));
            }

            if (Timestamp().IsMatch(text))
            {
                return ModelValue.OfTimestamp(text);
            }
        }

        return ModelValue.Of(text);
    }

    /// <summary>The number, if the text is one, whole or not.</summary>
    public static double? TryParseNumber(string text)
        => Resolve(text) is { Kind: ModelValueKind.Integer or ModelValueKind.Number } value ? value.AsNumber()
            : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static BigInteger ParseInteger(string text)
    {
        var digits = text.Replace("_", "", StringComparison.Ordinal).TrimStart('+', '-');
        var number = digits switch
        {
            ['0', 'b', .. var binary] => binary.Aggregate(BigInteger.Zero, (sum, digit) => (sum * 2) + (digit - '0')),
            ['0', 'x', .. var hex] => BigInteger.Parse("0" + hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture),
            ['0', .. var octal] => octal.Aggregate(BigInteger.Zero, (sum, digit) => (sum * 8) + (digit - '0')),
            _ => digits.Split(':').Aggregate(
                BigInteger.Zero, (sum, part) => (sum * 60) + BigInteger.Parse(part, NumberStyles.None, CultureInfo.InvariantCulture)),
        };
        return text[0] == '-' ? -number : number;
    }

    private static double ParseFloat(string text)
    {
        var digits = text.Replace("_", "", StringComparison.Ordinal).TrimStart('+', '-').ToLowerInvariant();
        var number = digits switch
        {
            ".inf" => double.PositiveInfinity,
            ".nan" => double.NaN,
            _ => digits.Split(':').Aggregate(
                0d, (sum, part) => (sum * 60) + double.Parse(part, NumberStyles.Float, CultureInfo.InvariantCulture)),
        };
        return text[0] == '-' ? -number : number;
    }

    [GeneratedRegex(
        @"^(?:[-+]?0b[0-1_]*[0-1][0-1_]*|[-+]?0[0-7_]*[0-7][0-7_]*|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]*[0-9a-fA-F][0-9a-fA-F_]*"
        + @"|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex Integer();

    [GeneratedRegex(
        @"^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*"
        + @"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex Float();

    [GeneratedRegex(
        @"^(?:[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?"
        + @"(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?)\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex Timestamp();
}
