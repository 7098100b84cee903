using System.Globalization;
using System.Text;
using ModelTrack.Client.Numbers;

namespace ModelTrack.Client.Tests.Numbers;

/// <summary>Doubles become the same digits, and digits the same doubles, as .NET makes of them.</summary>
internal sealed class NumberTests
{
    private const int Values = 300_000;

    private static IEnumerable<TestCaseData> Kinds =>
    [
        new TestCaseData((Random random) => random.NextDouble()).SetArgDisplayNames("between 0 and 1"),
        new TestCaseData((Random random) => Math.Round(random.NextDouble() * 1000, random.Next(0, 12))).SetArgDisplayNames("few decimals"),
        new TestCaseData((Random random) => (double)(float)random.NextDouble()).SetArgDisplayNames("single precision"),
        new TestCaseData((Random random) => Math.ScaleB(1, random.Next(-140, 140))).SetArgDisplayNames("powers of two"),
        new TestCaseData((Random random) => Math.BitIncrement(Math.ScaleB(1, random.Next(-140, 140)))).SetArgDisplayNames("above powers of two"),
        new TestCaseData((Random random) => Math.BitDecrement(Math.ScaleB(1, random.Next(-140, 140)))).SetArgDisplayNames("below powers of two"),
        new TestCaseData((Random random) => Math.Pow(10, random.Next(-40, 40))).SetArgDisplayNames("powers of ten"),
        new TestCaseData((Random random) => random.NextInt64(1L << 62) / 1024.0).SetArgDisplayNames("large"),
        new TestCaseData((Random random) => Math.Exp((random.NextDouble() - 0.5) * 180)).SetArgDisplayNames("of all sizes"),
        new TestCaseData((Random random) => double.Abs(BitConverter.Int64BitsToDouble(random.NextInt64()))).SetArgDisplayNames("any bits"),
    ];

    [TestCaseSource(nameof(Kinds))]
    public void The_shortest_digits_are_those_of_NET(Func<Random, double> next)
    {
        var random = new Random(7);
        var taken = 0;
        for (var i = 0; i < Values; i++)
        {
            var value = next(random);
            if (value > 0 && double.IsFinite(value) && ShortestDecimal.TryGet(value, out var digits, out var exponent))
            {
                taken++;

                // .NET has a digit too few for some powers of two: 2^-25 is 2.9802322387695312E-08, also to Python.
                if (!double.Parse($"{digits}e{exponent}", CultureInfo.InvariantCulture).Equals(value)
                    || ((digits, exponent) != DigitsOf(value) && double.Parse(value.ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture).Equals(value)))
                {
                    Assert.Fail($"{value:R} became {digits}e{exponent}.");
                }
            }
        }

        Assert.That(taken, Is.GreaterThan(Values / 10), "most values are in its range");
    }

    // As Python's repr has them.
    [TestCase(2.9802322387695312E-08, "2.9802322387695312e-08")]
    [TestCase(6.617444900424222E-24, "6.617444900424222e-24")]
    [TestCase(1.9342813113834067E+25, "1.9342813113834067e+25")]
    [TestCase(9007199254740993.0, "9007199254740992.0")]
    [TestCase(1e22, "1e+22")]
    [TestCase(1e23, "1e+23")]
    [TestCase(5e-324, "5e-324")]
    [TestCase(double.MaxValue, "1.7976931348623157e+308")]
    public void A_double_is_written_as_Python_writes_it(double value, string expected)
    {
        Span<byte> text = stackalloc byte[PythonFloat.MaxLength];
        Assert.That(Encoding.ASCII.GetString(text[..PythonFloat.Write(value, text)]), Is.EqualTo(expected));
    }

    [TestCaseSource(nameof(Kinds))]
    public void A_written_value_reads_back(Func<Random, double> next)
    {
        var random = new Random(8);
        Span<byte> text = stackalloc byte[PythonFloat.MaxLength];
        for (var i = 0; i < Values; i++)
        {
            var value = random.Next(2) == 0 ? next(random) : -next(random);
            var length = PythonFloat.Write(value, text);
            if (!double.Parse(Encoding.ASCII.GetString(text[..length]).Replace("inf", "Infinity", StringComparison.Ordinal), CultureInfo.InvariantCulture).Equals(value))
            {
                Assert.Fail($"{value:R} became {Encoding.ASCII.GetString(text[..length])}.");
            }
        }
    }

    [Test]
    public void A_read_number_is_the_nearest_double()
    {
        var random = new Random(9);
        var taken = 0;
        for (var i = 0; i < Values; i++)
        {
            var digits = random.NextInt64(1L << random.Next(1, 63)).ToString(CultureInfo.InvariantCulture);
            var point = random.Next(digits.Length + 1);
            var text = string.Concat(random.Next(2) == 0 ? "-" : "", point == 0 ? "0" : digits[..point], ".", point == digits.Length ? "0" : digits[point..]);
            taken += Check(text);
        }

        Assert.That(taken, Is.GreaterThan(Values * 9 / 10));
    }

    [Test]
    public void A_number_half_way_between_two_doubles_becomes_the_even_one()
    {
        var random = new Random(10);
        for (var i = 0; i < Values; i++)
        {
            // 54 bits: the last is half of the step between doubles.
            var half = (1UL << 53) | ((ulong)random.NextInt64(1L << 53) & ((1UL << 53) - 1)) | 1;
            Check(half.ToString(CultureInfo.InvariantCulture));
            Check((half / 2).ToString(CultureInfo.InvariantCulture) + ".5");
        }
    }

    [TestCase("")]
    [TestCase("-")]
    [TestCase(".5")]
    [TestCase("5.")]
    [TestCase("1.2.3")]
    [TestCase("1e5")]
    [TestCase("nan")]
    [TestCase("12345678901234567890123")]
    [TestCase("0.00000000000000000000000000000000000000000001")]
    public void What_it_does_not_read_it_leaves_alone(string text)
    {
        var at = 0;
        Assert.That(DecimalReader.TryReadDouble(Encoding.ASCII.GetBytes(text), ref at, out _) && at == text.Length, Is.False);
    }

    private static int Check(string text)
    {
        var at = 0;
        if (!DecimalReader.TryReadDouble(Encoding.ASCII.GetBytes(text), ref at, out var value))
        {
            return 0;
        }

        if (at != text.Length || BitConverter.DoubleToInt64Bits(value) != BitConverter.DoubleToInt64Bits(double.Parse(text, CultureInfo.InvariantCulture)))
        {
            Assert.Fail($"{text} was read as {value:R}.");
        }

        return 1;
    }

    /// <summary>What .NET writes, as digits without zeros at the end and a power of ten.</summary>
    private static (ulong Digits, int Exponent) DigitsOf(double value)
    {
        var shortest = value.ToString("R", CultureInfo.InvariantCulture);
        var mark = shortest.IndexOf('E', StringComparison.Ordinal);
        var mantissa = mark < 0 ? shortest : shortest[..mark];
        var exponent = mark < 0 ? 0 : int.Parse(shortest[(mark + 1)..], CultureInfo.InvariantCulture);
        var dot = mantissa.IndexOf('.', StringComparison.Ordinal);
        exponent -= dot < 0 ? 0 : mantissa.Length - dot - 1;
        var digits = mantissa.Replace(".", "", StringComparison.Ordinal).TrimStart('0');
        var trimmed = digits.TrimEnd('0');
        return (ulong.Parse(trimmed, CultureInfo.InvariantCulture), exponent + digits.Length - trimmed.Length);
    }
}
