using System.Runtime.CompilerServices;

namespace ModelTrack.Client.Numbers;

/// <summary>
/// The shortest decimal number that reads back as a double, and of those the nearest: the digits that Python and .NET write too. Most of
/// what storing a metric costs was its digits, with .NET's, which take four times as long. The method is Raffaello Giulietti's ("The
/// Schubfach way to render doubles", 2021).
/// </summary>
internal static class ShortestDecimal
{
    private const int FractionBits = 52;
    private const int ExponentBias = 1023 + FractionBits;
    private const ulong Hidden = 1UL << FractionBits;

    /// <summary>Finds digits and exponent: the value is <c>digits × 10^exponent</c>. The digits do not end in a zero.</summary>
    /// <param name="value">Positive and finite.</param>
    /// <param name="digits">At most 17 digits.</param>
    /// <param name="exponent">The power of ten.</param>
    /// <returns>False where the value is so large or small that the powers at hand do not suffice.</returns>
    // At its best from the first call on: a short training is over before the compiler comes back to it.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool TryGet(double value, out ulong digits, out int exponent)
    {
        var bits = BitConverter.DoubleToUInt64Bits(value);
        var fraction = bits & (Hidden - 1);
        var biased = (int)(bits >> FractionBits);

        // The double is c × 2^q, and all reals nearer to it than to its neighbours are from (4c - 2) to (4c + 2) quarters of 2^q; below a
        // power of two the lower neighbour is nearer.
        var c = Hidden | fraction;
        var q = biased - ExponentBias;
        var isPower = fraction == 0;
        exponent = FloorLog10OfPow2(q, isPower);
        digits = 0;
        if (biased == 0 || -exponent is < PowersOfTen.Least or > PowersOfTen.Greatest)
        {
            return false;
        }

        var power = PowersOfTen.Get(-exponent);
        var shift = q + PowersOfTen.FloorLog2(-exponent) + 1;
        var inclusive = (c & 1) == 0 ? 0UL : 1;
        var lower = RoundToOdd(power.High, power.Low, ((4 * c) - (isPower ? 1UL : 2)) << shift) + inclusive;
        var middle = RoundToOdd(power.High, power.Low, (4 * c) << shift);
        var upper = RoundToOdd(power.High, power.Low, ((4 * c) + 2) << shift) - inclusive;

        var whole = middle / 4;
        var shorter = whole / 10;
        var isDownInside = lower <= 40 * shorter;
        var isUpInside = (40 * shorter) + 40 <= upper;
        if (whole >= 10 && isDownInside != isUpInside)
        {
            digits = shorter + (isUpInside ? 1UL : 0);
            exponent++;
        }
        else
        {
            isDownInside = lower <= 4 * whole;
            isUpInside = (4 * whole) + 4 <= upper;
            var half = (4 * whole) + 2;
            var isUp = isDownInside != isUpInside ? isUpInside : middle > half || (middle == half && (whole & 1) != 0);
            digits = whole + (isUp ? 1UL : 0);
        }

        RemoveZeros(ref digits, ref exponent);
        return true;
    }

    /// <summary>The quarters of the product's whole part, with the lowest bit set where anything is left behind it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong RoundToOdd(ulong high, ulong low, ulong factor)
    {
        var carried = Math.BigMul(low, factor, out _);
        var whole = Math.BigMul(high, factor, out var rest);
        rest += carried;
        return (whole + (rest < carried ? 1UL : 0)) | (rest > 1 ? 1UL : 0);
    }

    private static void RemoveZeros(ref ulong digits, ref int exponent)
    {
        while (digits % 100_000_000 == 0)
        {
            digits /= 100_000_000;
            exponent += 8;
        }

        while (digits % 100 == 0)
        {
            digits /= 100;
            exponent += 2;
        }

        if (digits % 10 == 0)
        {
            digits /= 10;
            exponent++;
        }
    }

    /// <summary>floor(log10(2^q)), or floor(log10(3/4 × 2^q)).</summary>
    private static int FloorLog10OfPow2(int q, bool threeQuarters) => ((q * 1262611) - (threeQuarters ? 524031 : 0)) >> 22;
}
