using System.Globalization;

namespace ModelTrack.Client.Torture.Writers;

/// <summary>What a writer process is told: the arguments of its command line.</summary>
/// <param name="TrackingUri">Where it logs to.</param>
/// <param name="Journals">The folder for journals; empty: the default.</param>
/// <param name="Ledgers">The folder for ledgers.</param>
/// <param name="Writer">Its number.</param>
/// <param name="Life">How often it was started before.</param>
/// <param name="Threads">How many threads it logs with.</param>
/// <param name="Rate">Points a second that each of them logs on average.</param>
/// <param name="Seed">Of what it does.</param>
/// <param name="Experiment">The name of the experiment.</param>
/// <param name="LargestSegment">The largest size of a journal's segment, in bytes.</param>
/// <param name="LogsTexts">Whether files are among what it logs.</param>
internal sealed record WriterPlan(
    string TrackingUri, string Journals, string Ledgers, int Writer, int Life, int Threads, int Rate, int Seed, string Experiment, int LargestSegment = 4 << 20, bool LogsTexts = true)
{
    public const string Verb = "writer";

    /// <summary>Of its sessions' names.</summary>
    public string Prefix => PrefixOf(Life);

    public string PrefixOf(int life) => string.Create(CultureInfo.InvariantCulture, $"w{Writer:00}-{life:0000}-");

    public static WriterPlan Parse(string[] a) => new(a[0], a[1], a[2], Number(a[3]), Number(a[4]), Number(a[5]), Number(a[6]), Number(a[7]), a[8], Number(a[9]), bool.Parse(a[10]));

    public string[] ToArguments() => [
        Verb, TrackingUri, Journals, Ledgers, Text(Writer), Text(Life), Text(Threads), Text(Rate), Text(Seed), Experiment, Text(LargestSegment), LogsTexts.ToString()];

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
