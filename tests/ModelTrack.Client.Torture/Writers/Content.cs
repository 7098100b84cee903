using System.Globalization;

namespace ModelTrack.Client.Torture.Writers;

/// <summary>What a session's thread logs as its n-th of a kind: the same for the writer and for who checks.</summary>
internal static class Content
{
    /// <summary>The points of a thread go to so many metrics in turns.</summary>
    public const int Metrics = 3;

    private static readonly long Start = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds();

    public static string MetricKey(string session, int thread, int metric) => string.Create(CultureInfo.InvariantCulture, $"{session}/t{thread}/m{metric}");

    public static MetricPoint Point(long n) => new(
        (n % 101) switch { 100 => double.NaN, 99 => double.PositiveInfinity, 98 => double.NegativeInfinity, 97 => -0.0, _ => n / 8.0 },
        n,
        Start + n);

    public static string ParamKey(string session, int thread, long n) => string.Create(CultureInfo.InvariantCulture, $"{session}.t{thread}.p{n}");

    public static string ParamValue(long n) => string.Create(CultureInfo.InvariantCulture, $"value {n}");

    public static string TagKey(string session, int thread) => string.Create(CultureInfo.InvariantCulture, $"{session}.t{thread}");

    public static string TagValue(long n) => n.ToString(CultureInfo.InvariantCulture);

    public static string TextPath(string session, int thread, long n) => string.Create(CultureInfo.InvariantCulture, $"{session}/t{thread}-{n}.txt");

    public static string Text(string session, int thread, long n) => string.Create(CultureInfo.InvariantCulture, $"text {n} of thread {thread} of {session}\n");
}
