using System.Diagnostics;

namespace ModelTrack.Client.Benchmarks.Paths;

/// <summary>This program started again, for what can only be measured in a fresh process.</summary>
internal static class Child
{
    public const string Verb = "child";

    /// <returns>Milliseconds from its start to its end.</returns>
    public static double Start(string task, params string[] arguments)
    {
        var start = Stopwatch.GetTimestamp();
        using var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [Verb, task, .. arguments]))!;
        process.WaitForExit();
        var time = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        return process.ExitCode == 0 ? time : throw new InvalidOperationException($"The child '{task}' ended with {process.ExitCode}.");
    }

    public static async Task<int> RunAsync(string task, string[] arguments)
    {
        switch (task)
        {
            case "empty":
                break;
            case "first":
                FirstRun.Run(arguments[0]);
                break;
            case "search":
                await Search.RunAsync(arguments[0]);
                break;
            case "read":
                Search.ReadAll(arguments[0]);
                break;
            case "server":
                await EmptyAnswerServer.RunAsync();
                break;
            default:
                return 2;
        }

        return 0;
    }
}
