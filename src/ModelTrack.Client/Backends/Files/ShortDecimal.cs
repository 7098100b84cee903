namespace ModelTrack.Client.Backends.Files;

/// <summary>
/// Most logged values have few decimals. If n / 10^k gives the value exactly as a double, with n below 10^15, then n with the point
/// moved is the shortest text, because two decimals of 15 digits or fewer never share a double. (Both operands of the division are
/// exact, so it is rounded as a parser would round.)
/// </summary>
internal static class ShortDecimal
{
    public static bool TryWrite(double value, Span<byte> destination, out int written)
    {
        written = 0;
        long digits;
        int decimals;
        if (value is < 1e-4 or >= 1e9)
        {
            return false;
        }

        if (Math.Round(value * 1e3) / 1e3 == value)
        {
            digits = (long)Math.Round(value * 1e3);
            decimals = 3;
        }
        else if (Math.Round(value * 1e6) / 1e6 == value)
        {
            digits = (long)Math.Round(value * 1e6);
            decimals = 6;
        }
        else
        {
            return false;
        }

        while (true)
        {
            var (quotient, remainder) = Math.DivRem(digits, 10);
            if (remainder != 0)
            {
                break;
            }

            digits = quotient;
            decimals--;
        }

        var scale = decimals switch { 1 => 10L, 2 => 100L, 3 => 1_000L, 4 => 10_000L, 5 => 100_000L, _ => 1_000_000L };
        var (whole, fraction) = Math.DivRem(digits, scale);
        written = PythonFloat.WriteInteger(whole, destination);
        destination[written++] = (byte)'.';
        for (var i = written + decimals - 1; i >= written; i--)
        {
            (fraction, var digit) = Math.DivRem(fraction, 10);
            destination[i] = (byte)('0' + digit);
        }

        written += decimals;
        return true;
    }
}
