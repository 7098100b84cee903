using System.Buffers;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json;

namespace ModelTrack.Client.Benchmarks.Paths;

/// <summary>
/// Points from LogMetric, eight runs at once, to a server that answers <c>{}</c>; beside a bare loop that writes the same bodies and posts
/// them with as many requests in flight.
/// </summary>
internal static class ServerEndToEnd
{
    private const int Points = 2_000_000;
    private const int Runs = 8;
    private const int BatchSize = 1000;
    private const int Rounds = 3;
    private const int WarmUps = 4;

    public static async Task<Figure> MeasureAsync(string folder)
    {
        var (ours, bare) = (new Samples(), new Samples());
        await using var server = await ServerProcess.StartAsync();
        using var http = new HttpClient(new SocketsHttpHandler());
        using var tracker = new Tracker(new TrackerOptions { TrackingUri = server.Address, JournalDirectory = folder });
        // Short ones to warm up: until then both run code that was compiled in haste, and the compiler takes one of the processors.
        for (var round = -WarmUps; round < Rounds; round++)
        {
            var points = round < 0 ? Points / WarmUps : Points;
            var start = Stopwatch.GetTimestamp();
            await LogAsync(tracker, points);
            if (round >= 0)
            {
                ours.Add(Points / Stopwatch.GetElapsedTime(start).TotalSeconds);
            }

            start = Stopwatch.GetTimestamp();
            await PostAsync(http, new Uri(server.Address + "/api/2.0/mlflow/runs/log-batch"), points);
            if (round >= 0)
            {
                bare.Add(Points / Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
        }

        return Figure.AtLeast("REST, 8 runs, server that answers {}", ours.Median, "points/s", 1_000_000, bare.Median, ratio: 0.6);
    }

    private static async Task LogAsync(Tracker tracker, int points)
    {
        var runs = Enumerable.Range(0, Runs).Select(i => tracker.StartRun($"run {i}", experiment: "benchmark")).ToArray();
        for (var i = 0; i < points / Runs; i++)
        {
            foreach (var run in runs)
            {
                run.LogMetric("loss", EndToEnd.ValueAt(i), i);
            }
        }

        foreach (var run in runs)
        {
            if (await run.EndAsync() is not { Pending: 0, Rejected: 0 })
            {
                throw new InvalidOperationException($"{run.Name}: not all was delivered");
            }
        }
    }

    private static Task PostAsync(HttpClient http, Uri uri, int points)
    {
        var next = 0;
        return Task.WhenAll(Enumerable.Range(0, Runs).Select(_ => Task.Run(async () =>
        {
            var body = new ArrayBufferWriter<byte>(1 << 17);
            using var json = new Utf8JsonWriter(body, new JsonWriterOptions { SkipValidation = true });
            while (Interlocked.Increment(ref next) is var batch && batch <= points / BatchSize)
            {
                body.ResetWrittenCount();
                json.Reset();
                Write(json, batch * BatchSize);
                using var content = new ReadOnlyMemoryContent(body.WrittenMemory);
                content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
                using var answer = await http.PostAsync(uri, content);
                await answer.Content.ReadAsByteArrayAsync();
            }
        })));
    }

    private static void Write(Utf8JsonWriter json, int from)
    {
        json.WriteStartObject();
        json.WriteString("run_id"u8, "0123456789abcdef0123456789abcdef"u8);
        json.WriteStartArray("metrics"u8);
        for (var i = from; i < from + BatchSize; i++)
        {
            json.WriteStartObject();
            json.WriteString("key"u8, "loss"u8);
            json.WriteNumber("value"u8, EndToEnd.ValueAt(i));
            json.WriteNumber("timestamp"u8, TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
            json.WriteNumber("step"u8, i);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
    }
}
