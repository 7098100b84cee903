using System.Globalization;

namespace ModelTrack.Client.Fuzz.Running;

/// <summary>What a run of one target came to.</summary>
internal sealed record FuzzReport(
    string Target, long Inputs, TimeSpan Elapsed, long Partial, long Read, int Shapes, TimeSpan Longest, double MostAllocated)
{
    public static string Header { get; } = string.Create(
        CultureInfo.InvariantCulture,
        $"{"target",-18} {"inputs",10} {"per s",8} {"past first check",16} {"read",7} {"shapes",7} {"longest",10} {"bytes/byte",10}");

    private double PerSecond => Inputs / Math.Max(Elapsed.TotalSeconds, 1e-9);

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Target,-18} {Inputs,10} {PerSecond,8:F0} {Share(Partial + Read),16:P1} {Share(Read),7:P1} {Shapes,7} "
        + $"{Longest.TotalMilliseconds,7:F1} ms {MostAllocated,10:F1}");

    private double Share(long count) => (double)count / Math.Max(Inputs, 1);
}
