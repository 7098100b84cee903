using System.Globalization;

namespace ModelTrack.Client.Numbers;

/// <summary>
/// Writes a double as Python's <c>repr(float)</c> does, which is what MLflow's own metric files hold. The digits are the shortest that
/// read back as the same double, as .NET makes them too; only the dress differs: <c>5.0</c>, <c>1e-07</c>, <c>nan</c>, and a switch to
/// exponents below 1e-4 and from 1e16 on.
/// </summary>
internal static class PythonFloat
{
    /// <summary>No text is longer, for example <c>-1.7976931348623157e+308</c>.</summary>
    public const int MaxLength = 26;

    private const double FixedLimit = 1e16;

    /// <summary>Writes the text and returns its length; the span must hold <see cref="MaxLength"/> bytes.</summary>
    public static int Write(double value, Span<byte> destination)
    {
        if (!double.IsFinite(value))
        {
            ReadOnlySpan<byte> name = double.IsNaN(value) ? "nan"u8 : value > 0 ? "inf"u8 : "-inf"u8;
            name.CopyTo(destination);
            return name.Length;
        }

        var length = 0;
        if (double.IsNegative(value))
        {
            destination[length++] = (byte)'-';
            value = -value;
        }

        if (value < FixedLimit)
        {
            var whole = (long)value;
            if (whole == value)
            {
                // Exact up to 1e16, and its 16 digits at most are the shortest text.
                length += WriteInteger(whole, destination[length..]);
                ".0"u8.CopyTo(destination[length..]);
                return length + 2;
            }
        }

        return length + (ShortestDecimal.TryGet(value, out var digits, out var exponent)
            ? Write(digits, exponent, destination[length..])
            : WriteExtreme(value, destination[length..]));
    }

    /// <summary>A number that is not whole, or is 1e16 and more.</summary>
    private static int Write(ulong digits, int exponent, Span<byte> destination)
    {
        Span<byte> text = stackalloc byte[20];
        var count = WriteInteger((long)digits, text);
        return Dress(text[..count], exponent + count, destination);
    }

    /// <summary>A number so large or small that .NET's text is <c>d.dddE±xx</c>, of which digits and exponent are taken.</summary>
    private static int WriteExtreme(double value, Span<byte> destination)
    {
        Span<byte> text = stackalloc byte[32];
        value.TryFormat(text, out var length, default, CultureInfo.InvariantCulture);
        var count = text.IndexOf((byte)'E');
        var exponent = int.Parse(text[(count + 1)..length], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        if (count > 1)
        {
            text[2..count].CopyTo(text[1..]);
            count--;
        }

        return WriteWithExponent(text[..count], exponent, destination);
    }

    private static int Dress(ReadOnlySpan<byte> digits, int power, Span<byte> destination)
        => power is > 16 or < -3 ? WriteWithExponent(digits, power - 1, destination) : WriteFixed(digits, power, destination);

    /// <summary>A number that is not whole (whole ones never come here), so there are digits behind the point.</summary>
    private static int WriteFixed(ReadOnlySpan<byte> digits, int power, Span<byte> destination)
    {
        int length;
        if (power <= 0)
        {
            "0."u8.CopyTo(destination);
            destination.Slice(2, -power).Fill((byte)'0');
            length = 2 - power;
        }
        else
        {
            digits[..power].CopyTo(destination);
            destination[power] = (byte)'.';
            length = power + 1;
            digits = digits[power..];
        }

        digits.CopyTo(destination[length..]);
        return length + digits.Length;
    }

    private static int WriteWithExponent(ReadOnlySpan<byte> digits, int exponent, Span<byte> destination)
    {
        destination[0] = digits[0];
        var length = 1;
        if (digits.Length > 1)
        {
            destination[length++] = (byte)'.';
            digits[1..].CopyTo(destination[length..]);
            length += digits.Length - 1;
        }

        destination[length++] = (byte)'e';
        destination[length++] = exponent < 0 ? (byte)'-' : (byte)'+';
        exponent = Math.Abs(exponent);
        if (exponent < 10)
        {
            destination[length++] = (byte)'0';
        }

        return length + WriteInteger(exponent, destination[length..]);
    }

    public static int WriteInteger(long value, Span<byte> destination)
    {
        value.TryFormat(destination, out var written, default, CultureInfo.InvariantCulture);
        return written;
    }
}
