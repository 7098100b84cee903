using System.Globalization;
using static ModelTrack.Client.Tests.Child.Program;

namespace ModelTrack.Client.Tests.Child;

/// <summary>Ways to end a program or a block with a run in it.</summary>
internal static class Endings
{
    public static readonly Dictionary<string, Func<string[], int>> All = new()
    {
        ["caught-further-up"] = a => CaughtFurtherUp(a[0]),
        ["caught-further-up-async"] = a => CaughtFurtherUpAsync(a[0]).GetAwaiter().GetResult(),
        ["swallowed-on-the-way"] = a => SwallowedOnTheWay(a[0]),
        ["unhandled"] = a => Unhandled(a[0]),
        ["unhandled-async"] = a => UnhandledAsync(a[0]).GetAwaiter().GetResult(),
        ["unhandled-in-a-thread"] = a => UnhandledInAThread(a[0]),
        ["invalid-key-unhandled"] = a => InvalidKeyUnhandled(a[0]),
        ["inside-catch"] = a => InsideCatch(a[0]),
        ["inside-catch-fails"] = a => InsideCatchFails(a[0]),
        ["disposed-in-catch"] = a => DisposedInCatch(a[0]),
        ["await-using-caught"] = a => AwaitUsingCaughtAsync(a[0]).GetAwaiter().GetResult(),
        ["await-using-unhandled"] = a => AwaitUsingUnhandledAsync(a[0]).GetAwaiter().GetResult(),
        ["finished-long-before-crash"] = a => FinishedLongBeforeCrash(a[0]),
        ["finished-while-another-task-failed"] = a => FinishedWhileAnotherTaskFailedAsync(a[0]).GetAwaiter().GetResult(),
        ["wait"] = a => WaitForEver(a[0]),
        ["wait-with-token"] = a => Hosted.Run(a[0]),
        ["cancel-key-press"] = a => CancelKeyPress(a[0], a[1] == "handler-first"),
        ["exit"] = a => Exit(a[0], int.Parse(a[1], CultureInfo.InvariantCulture), Enum.Parse<RunStatus>(a[2])),
        ["return"] = a => Return(a[0], int.Parse(a[1], CultureInfo.InvariantCulture)),
        ["fail-fast"] = a => FailFast(a[0]),
        ["resume"] = a => Resume(a[0], a[1], a.ElementAtOrDefault(2)),
    };

    private static int CaughtFurtherUp(string folder)
    {
        using var tracker = Open(folder);
        try
        {
            using var run = Start(tracker);
            Throw("boom");
        }
        catch (InvalidOperationException)
        {
            // Handled: the program goes on and ends well, but the run did not.
        }

        return 0;
    }

    private static async Task<int> CaughtFurtherUpAsync(string folder)
    {
        using var tracker = Open(folder);
        try
        {
            using var run = Start(tracker);
            await Task.Yield();
            await Task.Run(() => Throw("boom"));
        }
        catch (InvalidOperationException)
        {
            // As above.
        }

        return 0;
    }

    private static int SwallowedOnTheWay(string folder)
    {
        using var tracker = Open(folder);
        try
        {
            using var run = Start(tracker);
            try
            {
                Throw("boom");
            }
            finally
            {
                try
                {
                    Throw("swallowed by the clean-up");
                }
                catch (InvalidOperationException)
                {
                    // Thrown later than the one in flight, and not the one that ends the run.
                }
            }
        }
        catch (InvalidOperationException)
        {
            // As above.
        }

        return 0;
    }

    private static int Unhandled(string folder)
    {
        using var tracker = Open(folder);
        using var run = Start(tracker);
        run.LogMetric("loss", 1);
        Throw("boom");
        return 0;
    }

    private static async Task<int> UnhandledAsync(string folder)
    {
        using var tracker = Open(folder);
        using var run = Start(tracker);
        run.LogMetric("loss", 1);
        await Task.Yield();
        Throw("boom");
        return 0;
    }

    private static int UnhandledInAThread(string folder)
    {
        using var tracker = Open(folder);
        using var run = Start(tracker);
        var thread = new Thread(() => Throw("boom"));
        thread.Start();
        Thread.Sleep(Timeout.Infinite);
        return 0;
    }

    /// <summary>Thrown by a log call, where nobody catches: no lock of the journal may be left held.</summary>
    private static int InvalidKeyUnhandled(string folder)
    {
        using var tracker = Open(folder);
        using var run = Start(tracker);
        run.LogMetric("not/a//legal key\n", 1);
        return 0;
    }

    private static int InsideCatch(string folder)
    {
        using var tracker = Open(folder);
        try
        {
            Throw("boom");
        }
        catch (InvalidOperationException)
        {
            using var run = Start(tracker, "fallback");
            run.LogMetric("loss", 1);
        }

        return 0;
    }

    private static int InsideCatchFails(string folder)
    {
        using var tracker = Open(folder);
        try
        {
            try
            {
                Throw("first");
            }
            catch (InvalidOperationException)
            {
                using var run = Start(tracker, "retry");
                Throw("second");
            }
        }
        catch (InvalidOperationException)
        {
            // As above.
        }

        return 0;
    }

    private static int DisposedInCatch(string folder)
    {
        using var tracker = Open(folder);
        var run = Start(tracker);
        try
        {
            Throw("boom");
        }
        catch (InvalidOperationException)
        {
            run.Dispose();
        }

        return 0;
    }

    private static async Task<int> AwaitUsingCaughtAsync(string folder)
    {
        await using var tracker = Open(folder);
        try
        {
            await using var run = Start(tracker);
            await Task.Yield();
            Throw("boom");
        }
        catch (InvalidOperationException)
        {
            // As above.
        }

        return 0;
    }

    private static async Task<int> AwaitUsingUnhandledAsync(string folder)
    {
        await using var tracker = Open(folder);
        await using var run = Start(tracker);
        await Task.Yield();
        Throw("boom");
        return 0;
    }

    private static int FinishedLongBeforeCrash(string folder)
    {
        using var tracker = Open(folder);
        using (var run = Start(tracker))
        {
            run.LogMetric("loss", 1);
        }

        Throw("much later");
        return 0;
    }

    private static async Task<int> FinishedWhileAnotherTaskFailedAsync(string folder)
    {
        using var tracker = Open(folder);
        Task other;
        using (var run = Start(tracker))
        {
            other = Task.Run(() => Throw("not of the run"));
            await Task.WhenAny(other);
        }

        await other;
        return 0;
    }

    private static int WaitForEver(string folder)
    {
        using var tracker = Open(folder);
        using var run = Start(tracker);
        run.LogMetric("loss", 1);
        Say("ready");
        Thread.Sleep(Timeout.Infinite);
        return 0;
    }

    private static int CancelKeyPress(string folder, bool handlerFirst)
    {
        using var stop = new ManualResetEventSlim();
        void Handle(object? sender, ConsoleCancelEventArgs e)
        {
            e.Cancel = true;
            stop.Set();
        }

        if (handlerFirst)
        {
            Console.CancelKeyPress += Handle;
        }

        using var tracker = Open(folder);
        if (!handlerFirst)
        {
            using (tracker.StartRun("so that the tracker has begun to watch"))
            {
            }

            Console.CancelKeyPress += Handle;
        }

        using var run = Start(tracker);
        Say("ready");
        stop.Wait();
        run.LogMetric("after", 1);
        return 0;
    }

    private static int Exit(string folder, int code, RunStatus option)
    {
        var tracker = Open(folder, options => options.StatusOfOpenRunsAtExit = option);
        Start(tracker).LogMetric("loss", 1);
        Environment.Exit(code);
        return 0;
    }

    private static int Return(string folder, int code)
    {
        Start(Open(folder)).LogMetric("loss", 1);
        return code;
    }

    private static int FailFast(string folder)
    {
        using var tracker = Open(folder);
        using var run = Start(tracker);
        run.LogMetric("loss", 1);
        Environment.FailFast("as told");
        return 0;
    }

    private static int Resume(string folder, string runId, string? journals)
    {
        using var tracker = Open(folder, options => options.JournalDirectory = journals);
        using var run = tracker.StartRun(runId: runId);
        run.LogMetric("resumed", 1);
        Say("ready");
        Console.In.ReadLine();
        return 0;
    }

    private static void Throw(string message) => throw new InvalidOperationException(message);
}
