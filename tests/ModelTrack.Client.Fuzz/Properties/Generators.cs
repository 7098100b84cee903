using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace ModelTrack.Client.Fuzz.Properties;

/// <summary>Values as users log them, the strange ones as often as the others; and how a property is checked.</summary>
internal static class Generators
{
    private static readonly double[] StrangeNumbers =
    [
        0, -0.0, 1, 0.1, double.NaN, BitConverter.Int64BitsToDouble(0x7FF0_0000_0000_0001), BitConverter.Int64BitsToDouble(-1), double.PositiveInfinity,
        double.NegativeInfinity, double.MaxValue, double.MinValue, double.Epsilon, 1e22, 1e-5, 9007199254740993, 5e-324, 123456789012345680,
    ];

    private static readonly long[] StrangeIntegers = [0, 1, -1, long.MaxValue, long.MinValue, 1_700_000_000_000, int.MaxValue, 253_402_300_800_000];

    public static Gen<long> Integers { get; } = Gen.OneOf(
        Gen.Elements(StrangeIntegers),
        Gen.Choose(-1000, 1000).Select(number => (long)number),
        Gen.Two(Gen.Choose(int.MinValue, int.MaxValue)).Select(two => ((long)two.Item1 << 32) | (uint)two.Item2));

    /// <summary>Any bits: NaN has many.</summary>
    public static Gen<double> Numbers { get; } = Gen.OneOf(Gen.Elements(StrangeNumbers), Integers.Select(BitConverter.Int64BitsToDouble));

    /// <summary>Whole characters only: halves of surrogate pairs are refused where they are logged.</summary>
    public static Gen<string> Texts { get; } = Gen.OneOf(
            Gen.Choose(' ', '~'), Gen.Choose(0, 0x24F), Gen.Choose(0xE000, 0xFFFF), Gen.Choose(0x1F300, 0x1F6FF), Gen.Elements(0, 10, 13, 0x85, 0x2028, 0xFEFF, 0x10FFFF))
        .ListOf()
        .Select(points => string.Concat(points.Select(point => new Rune(point).ToString())));

    /// <summary>A few keys, so that they come again.</summary>
    public static Gen<string> Keys { get; } = Gen.Elements("loss", "acc", "train/loss", "é", "\ud83d\ude00", "Z", "a", new string('k', 250));

    public static Gen<MetricPoint> Points { get; } =
        from value in Numbers
        from step in Integers
        from time in Integers
        select new MetricPoint(value, step, time);

    /// <summary>The same cases every time.</summary>
    public static void Check<T>(this Gen<T> values, Func<T, bool> holds, int cases = 300)
        => FsCheck.Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(cases).WithQuietOnSuccess(true).WithReplay(new Replay(new Rnd(20_260_401), null)),
            Prop.ForAll(values.ToArbitrary(), holds));
}
