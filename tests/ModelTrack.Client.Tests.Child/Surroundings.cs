using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using static ModelTrack.Client.Tests.Child.Program;

namespace ModelTrack.Client.Tests.Child;

/// <summary>What happens around a run: hosts that stop, exits without a server, a thread pool that has no thread left.</summary>
internal static class Surroundings
{
    public static readonly Dictionary<string, Func<string[], int>> All = new()
    {
        ["host"] = a => Host(a[0], a[1], Seconds(a[2]), a[3]),
        ["exit-on-word"] = a => ExitOnWord(a[0], a[1], Seconds(a[2]), int.Parse(a[3], CultureInfo.InvariantCulture)),
        ["starved"] = a => Starve(a[0], a[1], Seconds(a[2])),
        ["starved-until-signal"] = a => StarveUntilSignal(a[0]),
    };

    /// <summary>A training under the generic host with the tracker of the container. A line asks the host to stop.</summary>
    private static int Host(string uri, string journals, double seconds, string how)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddModelTrack(options => Set(options, uri, journals, seconds));
        builder.Services.AddHostedService(provider => new Training(provider.GetRequiredService<Tracker>(), how == "open"));
        var host = builder.Build();
        var lifetime = host.Services.GetRequiredService<IHostApplicationLifetime>();
        _ = Task.Run(() =>
        {
            if (Console.In.ReadLine() is not null)
            {
                lifetime.StopApplication();
            }
        });
        host.Run();
        return 0;
    }

    /// <summary>Exits with open runs when it is told to, and says <c>closed</c> with the milliseconds that the trackers took for it.</summary>
    private static int ExitOnWord(string uri, string journals, double seconds, int trackers)
    {
        for (var i = 0; i < trackers; i++)
        {
            Start(Open(uri, options => Set(options, uri, journals, seconds))).LogMetric("loss", 1);
        }

        var watch = new Stopwatch();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Say($"closed {Take(watch)}");
        Say("ready");
        Console.In.ReadLine();
        watch.Start();
        Environment.Exit(0);
        return 0;
    }

    /// <summary>Says how long each call took, in milliseconds: <c>started</c>, <c>logged</c> (the longest of many), <c>closed</c>.</summary>
    private static int Starve(string uri, string journals, double seconds)
    {
        TakeAllThreads();
        var watch = Stopwatch.StartNew();
        var tracker = Open(uri, options =>
        {
            Set(options, uri, journals, seconds);
            options.JournalSegmentSize = 1 << 16;
            options.StartTimeout = TimeSpan.FromSeconds(1);
        });
        var run = tracker.StartRun("starved");
        Say($"started {Take(watch)}");
        var longest = TimeSpan.Zero;
        for (var i = 1; i <= 20_000; i++)
        {
            var before = watch.Elapsed;
            run.LogMetric("loss", i, i);
            longest = watch.Elapsed - before is var took && took > longest ? took : longest;
        }

        Say(FormattableString.Invariant($"logged {longest.TotalMilliseconds:0}"));
        watch.Restart();
        run.Dispose();
        tracker.Dispose();
        Say($"closed {Take(watch)}");
        return 0;
    }

    private static int StarveUntilSignal(string folder)
    {
        var run = Start(Open(folder));
        TakeAllThreads();
        run.LogMetric("loss", 1);
        Say("ready");
        Thread.Sleep(Timeout.Infinite);
        return 0;
    }

    /// <summary>From here on no work of the pool is done.</summary>
    private static void TakeAllThreads()
    {
        var threads = Math.Max(2, Environment.ProcessorCount);
        ThreadPool.SetMinThreads(threads, threads);
        ThreadPool.SetMaxThreads(threads, threads);
        using var taken = new CountdownEvent(threads);
        for (var i = 0; i < threads; i++)
        {
            ThreadPool.QueueUserWorkItem(_ =>
            {
                taken.Signal();
                Thread.Sleep(Timeout.Infinite);
            });
        }

        taken.Wait();
    }

    /// <param name="options">What is set.</param>
    /// <param name="uri">Where runs go.</param>
    /// <param name="journals">A folder, or <c>-</c>.</param>
    /// <param name="seconds">How long the program's end waits at most, after a signal as well.</param>
    private static void Set(TrackerOptions options, string uri, string journals, double seconds)
    {
        options.ShutdownTimeout = TimeSpan.FromSeconds(seconds);
        options.SignalShutdownTimeout = options.ShutdownTimeout;
        options.TrackingUri = uri;
        options.JournalDirectory = journals == "-" ? null : journals;
        options.CaptureContext = false;
    }

    private static double Seconds(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static string Take(Stopwatch watch)
    {
        var text = watch.ElapsedMilliseconds.ToString(CultureInfo.InvariantCulture);
        watch.Restart();
        return text;
    }

    private sealed class Training(Tracker tracker, bool leavesRunOpen) : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            var run = Start(tracker);
            using var ends = leavesRunOpen ? null : run;
            run.LogMetric("loss", 1);
            Say("ready");
            try
            {
                await Task.Delay(Timeout.Infinite, stoppingToken);
            }
            finally
            {
                run.LogMetric("last", 1);
            }
        }
    }
}
