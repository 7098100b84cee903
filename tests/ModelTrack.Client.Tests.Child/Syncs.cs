using static ModelTrack.Client.Tests.Child.Program;

namespace ModelTrack.Client.Tests.Child;

/// <summary>Programs that copy one store into another.</summary>
internal static class Syncs
{
    public static readonly Dictionary<string, Func<string[], int>> All = new()
    {
        ["sync"] = a => Sync(a[0], a[1]),
    };

    /// <summary>Copies everything, and says <c>done</c>.</summary>
    private static int Sync(string target, string source)
    {
        using var tracker = Open(target);
        Say("ready");
        var report = tracker.SyncFromAsync(source).GetAwaiter().GetResult();
        Say($"done {report.IsComplete}");
        return 0;
    }
}
