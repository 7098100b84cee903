using System.Numerics;

namespace ModelTrack.Client.Numbers;

/// <summary>
/// Reads numbers without an exponent and of at most 19 digits, which nearly all values in metric files are. What it does not take is
/// left to .NET. The method is Daniel Lemire's ("Number parsing at a gigabyte per second", 2021); a read double is the nearest one.
/// </summary>
internal static class DecimalReader
{
    // Of these the rounded-up powers are exact enough, as the paper shows.
    private const int LeastPower = -27;
    private const int LeastPowerOfTie = -4;
    private const int MaxDigits = 19;
    private const int MaxExactPower = 22;
    private const ulong MaxExactDigits = 1UL << 53;
    private const ulong MaxBeforeDigit = (ulong.MaxValue / 10) - 1;

    private static ReadOnlySpan<double> ExactPowers =>
        [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22];

    /// <summary>Reads on over an integer; false where there is none, or it has more than 18 digits.</summary>
    public static bool TryReadInteger(ReadOnlySpan<byte> text, ref int at, out long value)
    {
        value = 0;
        var isNegative = at < text.Length && text[at] == (byte)'-';
        if (isNegative)
        {
            at++;
        }

        var start = at;
        while (at < text.Length && (uint)(text[at] - '0') is var digit and <= 9)
        {
            value = (value * 10) + digit;
            at++;
        }

        value = isNegative ? -value : value;
        return at > start && at - start < MaxDigits;
    }

    /// <summary>Reads on over <c>-ddd.ddd</c>; false where something else is there.</summary>
    public static bool TryReadDouble(ReadOnlySpan<byte> text, ref int at, out double value)
    {
        var isNegative = at < text.Length && text[at] == (byte)'-';
        if (isNegative)
        {
            at++;
        }

        var digits = 0UL;
        var start = at;
        var power = 0;
        Skip(text, ref at, ref digits, out var isWhole);
        var count = at - start;
        if (at < text.Length && text[at] == (byte)'.')
        {
            start = ++at;
            Skip(text, ref at, ref digits, out var isFractionWhole);
            isWhole &= isFractionWhole && at > start;
            power = start - at;
        }

        value = 0;
        if (!isWhole || count == 0 || !TryScale(digits, power, out value))
        {
            return false;
        }

        value = isNegative ? -value : value;
        return true;
    }

    private static void Skip(ReadOnlySpan<byte> text, ref int at, ref ulong digits, out bool isWhole)
    {
        isWhole = true;
        while (at < text.Length && (uint)(text[at] - '0') is var digit and <= 9)
        {
            isWhole &= digits <= MaxBeforeDigit;
            digits = (digits * 10) + digit;
            at++;
        }
    }

    /// <summary>The double nearest to <c>digits × 10^power</c>.</summary>
    private static bool TryScale(ulong digits, int power, out double value)
    {
        if (digits <= MaxExactDigits && power >= -MaxExactPower)
        {
            // Both are exact, so the quotient is rounded once, and rightly.
            value = digits / ExactPowers[-power];
            return true;
        }

        value = 0;
        return power >= LeastPower && TryMultiply(digits, power, out value);
    }

    private static bool TryMultiply(ulong digits, int power, out double value)
    {
        const int fractionBits = 52;
        var (powerHigh, powerLow) = PowersOfTen.Get(power);
        var zeros = BitOperations.LeadingZeroCount(digits);
        digits <<= zeros;
        var high = Math.BigMul(digits, powerHigh, out var low);
        if ((high & 0x1FF) == 0x1FF)
        {
            // The lower half of the power may carry into what decides the rounding.
            var carried = Math.BigMul(digits, powerLow, out _);
            low += carried;
            high += low < carried ? 1UL : 0;
        }

        var top = (int)(high >> 63);
        var shift = top + 64 - fractionBits - 3;
        var mantissa = high >> shift;
        if (low <= 1 && power >= LeastPowerOfTie && (mantissa & 3) == 1 && mantissa << shift == high)
        {
            // Exactly between two doubles: to the even one.
            mantissa &= ~1UL;
        }

        mantissa = (mantissa + (mantissa & 1)) >> 1;
        var exponent = PowersOfTen.FloorLog2(power) + 64 + top - zeros + 1022;
        if (mantissa >= 2UL << fractionBits)
        {
            mantissa = 1UL << fractionBits;
            exponent++;
        }

        value = BitConverter.UInt64BitsToDouble((mantissa & ~(1UL << fractionBits)) | ((ulong)exponent << fractionBits));
        return exponent is > 0 and < 2047;
    }
}
