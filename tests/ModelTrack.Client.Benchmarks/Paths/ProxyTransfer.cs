using System.Diagnostics;

namespace ModelTrack.Client.Benchmarks.Paths;

/// <summary>A large file to and from a server's artifact service, beside a bare client that sends and receives the same.</summary>
internal static class ProxyTransfer
{
    public const long Bytes = 256 << 20;

    private const int Rounds = 2;
    private const int MemoryLimit = 20;
    private const string Route = "api/2.0/mlflow-artifacts/artifacts/1/0123456789abcdef0123456789abcdef/artifacts/large.bin";

    public static async IAsyncEnumerable<Figure> MeasureAsync(string folder)
    {
        Directory.CreateDirectory(folder);
        var (source, target) = (Path.Combine(folder, "large.bin"), Path.Combine(folder, "received"));
        await File.WriteAllBytesAsync(source, new byte[Bytes]);
        await using var server = await ServerProcess.StartAsync();
        var address = new Uri(server.Address);
        using var http = new HttpClient(new SocketsHttpHandler()) { Timeout = Timeout.InfiniteTimeSpan };
        using var tracker = new Tracker(new TrackerOptions { TrackingUri = address.AbsoluteUri, JournalDirectory = Path.Combine(folder, "journals") });
        using var run = tracker.StartRun(experiment: "benchmark");
        var (up, bareUp, down, bareDown, memory) = (new Samples(), new Samples(), new Samples(), new Samples(), new Samples());
        for (var round = -1; round < Rounds; round++)
        {
            Directory.CreateDirectory(target);
            using var peak = new Peak();
            var rates = (
                await RateAsync(() => run.LogArtifactAsync(source)),
                await RateAsync(() => tracker.Runs.DownloadArtifactsAsync(run.Id, target, "large.bin")));
            var most = peak.Megabytes;
            var bare = (await RateAsync(() => PutAsync(http, new Uri(address, Route), source)), await RateAsync(() => GetAsync(http, new Uri(address, Route), Path.Combine(target, "bare"))));
            if (round >= 0)
            {
                up.Add(rates.Item1);
                down.Add(rates.Item2);
                bareUp.Add(bare.Item1);
                bareDown.Add(bare.Item2);
                memory.Add(most);
            }

            Directory.Delete(target, recursive: true);
        }

        yield return Figure.AtLeast("256 MB through the artifact proxy, up", up.Median, "MB/s", 0.95 * bareUp.Median, bareUp.Median);
        yield return Figure.AtLeast("256 MB through the artifact proxy, down", down.Median, "MB/s", 0.95 * bareDown.Median, bareDown.Median);
        yield return Figure.AtMost("256 MB through the artifact proxy, memory", memory.Median, "MB", MemoryLimit, null);
    }

    private static async Task<double> RateAsync(Func<Task> transfer)
    {
        var start = Stopwatch.GetTimestamp();
        await transfer();
        return Bytes / 1e6 / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static async Task PutAsync(HttpClient http, Uri uri, string file)
    {
        await using var content = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.Asynchronous);
        using var body = new StreamContent(content, 1 << 16);
        using var answer = await http.PutAsync(uri, body);
        answer.EnsureSuccessStatusCode();
    }

    private static async Task GetAsync(HttpClient http, Uri uri, string file)
    {
        await using var target = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.None, 1, FileOptions.Asynchronous);
        using var answer = await http.GetAsync(uri, HttpCompletionOption.ResponseHeadersRead);
        await using var content = await answer.EnsureSuccessStatusCode().Content.ReadAsStreamAsync();
        await content.CopyToAsync(target, 1 << 16);
    }

    /// <summary>How far the process's memory rises above what it was.</summary>
    private sealed class Peak : IDisposable
    {
        private readonly Timer _timer;
        private readonly long _before;
        private long _most;

        public Peak()
        {
            GC.Collect();
            _before = Environment.WorkingSet;
            _timer = new Timer(_ => _most = Math.Max(_most, Environment.WorkingSet), null, 0, 10);
        }

        public double Megabytes => Math.Max(0, Math.Max(_most, Environment.WorkingSet) - _before) / 1e6;

        public void Dispose() => _timer.Dispose();
    }
}
