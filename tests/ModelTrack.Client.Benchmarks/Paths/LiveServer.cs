using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace ModelTrack.Client.Benchmarks.Paths;

/// <summary>
/// Points from LogMetric, eight runs at once, to a real MLflow server; beside a bare loop that posts ready-made bodies to runs of its own on
/// the same server, a request of each run in flight. Both make an experiment of their own, which is deleted at the end.
/// </summary>
internal sealed class LiveServer : IDisposable
{
    private const int Runs = 8;
    private const int BatchSize = 1000;
    private const int Rounds = 5;

    private readonly string _address;
    private readonly int _batchesPerRun;
    private readonly HttpClient _http = new(new SocketsHttpHandler());

    private LiveServer(string address, int batchesPerRun)
    {
        _address = address.TrimEnd('/');
        _batchesPerRun = batchesPerRun;
    }

    private int Points => Runs * _batchesPerRun * BatchSize;

    public static async Task<int> RunAsync(string address, int batchesPerRun)
    {
        using var live = new LiveServer(address, batchesPerRun);
        var figure = await live.MeasureAsync();
        Console.WriteLine(figure);
        return figure.Met ? 0 : 1;
    }

    public void Dispose() => _http.Dispose();

    private async Task<Figure> MeasureAsync()
    {
        var folder = Directory.CreateTempSubdirectory("modeltrack-live-");
        var experiment = $"benchmark {Guid.NewGuid():N}";
        var (ours, bare) = (new Samples(), new Samples());
        try
        {
            using var tracker = new Tracker(new TrackerOptions { TrackingUri = _address, JournalDirectory = folder.FullName });
            var experimentId = (await tracker.Experiments.CreateAsync(experiment)).Id;
            for (var round = -1; round < Rounds; round++)
            {
                var (oursNow, bareNow) = (await LogAsync(tracker, experiment), await PostAsync(experimentId));
                if (round >= 0)
                {
                    ours.Add(oursNow);
                    bare.Add(bareNow);
                }
            }

            await tracker.Experiments.DeleteAsync(experimentId);
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        return Figure.AtLeast($"live server, {Runs} runs", ours.Median, "points/s", 0.95 * bare.Median, bare.Median);
    }

    private async Task<double> LogAsync(Tracker tracker, string experiment)
    {
        var runs = Enumerable.Range(0, Runs).Select(i => tracker.StartRun($"run {i}", experiment: experiment)).ToArray();
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < Points / Runs; i++)
        {
            foreach (var run in runs)
            {
                run.LogMetric("loss", EndToEnd.ValueAt(i), i);
            }
        }

        if (await tracker.FlushAsync() is not { Pending: 0, Rejected: 0 })
        {
            throw new InvalidOperationException("Not all was delivered.");
        }

        var rate = Points / Stopwatch.GetElapsedTime(start).TotalSeconds;
        foreach (var run in runs)
        {
            await run.EndAsync();
        }

        return rate;
    }

    private async Task<double> PostAsync(string experimentId)
    {
        var bodies = new List<byte[][]>();
        for (var run = 0; run < Runs; run++)
        {
            var answer = await PostAsync("runs/create", Encoding.UTF8.GetBytes($$"""{"experiment_id":"{{experimentId}}","start_time":1}"""));
            var id = JsonDocument.Parse(answer).RootElement.GetProperty("run").GetProperty("info").GetProperty("run_id").GetString()!;
            bodies.Add([.. Enumerable.Range(0, _batchesPerRun).Select(batch => Body(id, batch * BatchSize))]);
        }

        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(bodies.Select(its => Task.Run(async () =>
        {
            foreach (var body in its)
            {
                await PostAsync("runs/log-batch", body);
            }
        })));
        return Points / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private async Task<byte[]> PostAsync(string route, byte[] body)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var answer = await _http.PostAsync(new Uri($"{_address}/api/2.0/mlflow/{route}"), content);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadAsByteArrayAsync();
    }

    private static byte[] Body(string runId, int from)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        return JsonSerializer.SerializeToUtf8Bytes(new
        {
            run_id = runId,
            metrics = Enumerable.Range(from, BatchSize).Select(i => new { key = "loss", value = EndToEnd.ValueAt(i), timestamp = now + i, step = i }),
        });
    }
}
