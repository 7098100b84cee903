using System.Net;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using ModelTrack.Client.Backends;
using ModelTrack.Client.Backends.Rest;

namespace ModelTrack.Client.Fuzz.Properties;

/// <summary>What is true of the requests by which a batch goes to a server.</summary>
internal sealed class WireProperties
{
    private const int MaxBody = 1_000_000;

    /// <summary>Params are long, so that their sum is more than a request takes.</summary>
    private static readonly Gen<RunBatch> Batches =
        from metrics in Gen.ListOf(Gen.Zip(Generators.Keys, Generators.Points))
        from tags in Gen.ListOf(Gen.Zip(Generators.Keys, Generators.Texts))
        from count in Gen.Choose(0, 40)
        from length in Gen.Choose(0, 60_000)
        from fill in Gen.Elements("x", "é", "\ud83d\ude00", "\"", "\u0001")
        select Batch(metrics, tags, count, string.Concat(Enumerable.Repeat(fill, length)));

    [Test]
    public void A_batch_goes_by_requests_of_at_most_a_megabyte_each_record_once_and_keys_in_order()
        => Batches.Check(
            batch =>
            {
                var (server, refusals) = Send(batch);
                var isSmall = server.Bodies.TrueForAll(body => body.Length <= MaxBody);
                var sent = server.Bodies.ConvertAll(body => JsonDocument.Parse(body).RootElement);
                var isSorted = sent.TrueForAll(body => IsSorted(body, "metrics") && IsSorted(body, "params") && IsSorted(body, "tags"));
                var metrics = sent.SelectMany(body => Items(body, "metrics")).Select(item => $"{Text(item, "key")} {item.GetProperty("step").GetInt64()} {item.GetProperty("timestamp").GetInt64()} {Bits(item.GetProperty("value"))}");
                var expected = batch.Metrics.OrderBy(metric => metric.Key, StringComparer.Ordinal)
                    .Select(metric => $"{metric.Key} {metric.Point.Step} {metric.Point.TimestampMilliseconds} {Bits(metric.Point.Value)}");
                var tags = sent.SelectMany(body => Items(body, "tags")).ToDictionary(item => Text(item, "key"), item => Text(item, "value"));
                return isSmall && isSorted && refusals.Count == 0 && metrics.SequenceEqual(expected)
                    && sent.SelectMany(body => Items(body, "params")).Select(item => Text(item, "value")).SequenceEqual(batch.Params.Select(param => param.Value))
                    && tags.OrderBy(tag => tag.Key, StringComparer.Ordinal).SequenceEqual(
                        batch.Tags.GroupBy(tag => tag.Key).Select(group => KeyValuePair.Create(group.Key, group.Last().Value!)).OrderBy(tag => tag.Key, StringComparer.Ordinal));
            },
            cases: 120);

    private static RunBatch Batch(IList<(string, MetricPoint)> metrics, IList<(string, string)> tags, int count, string value)
    {
        var batch = new RunBatch { RunId = "r", ExperimentId = "1" };
        var numbers = metrics.Select(metric => metric.Item1).Distinct().ToList();
        batch.Metrics.AddRange(metrics.Select(metric => new MetricRecord(numbers.IndexOf(metric.Item1) + 1, metric.Item1, metric.Item2)));
        batch.Tags.AddRange(tags.Select(tag => new TagRecord(tag.Item1, tag.Item2)));
        batch.Params.AddRange(Enumerable.Range(0, count).Select(i => new ParamRecord($"p{i:d2}", value)));
        return batch;
    }

    private static (Taker Server, IReadOnlyList<RecordRefusal> Refusals) Send(RunBatch batch)
    {
        var server = new Taker();
#pragma warning disable CA2000 // The connection disposes it.
        using var backend = new RestBackend(ServerConnection.For(
            new Uri("http://server.test:5000"), new HttpClient(server) { Timeout = Timeout.InfiniteTimeSpan }, TimeProvider.System, new HttpSettings { Retries = 0 }));
#pragma warning restore CA2000
        return (server, backend.LogBatchAsync(batch, default).AsTask().GetAwaiter().GetResult());
    }

    private static List<JsonElement> Items(JsonElement body, string list) => body.TryGetProperty(list, out var items) ? [.. items.EnumerateArray()] : [];

    private static string Text(JsonElement item, string name) => item.GetProperty(name).GetString()!;

    private static bool IsSorted(JsonElement body, string list)
    {
        var keys = Items(body, list).Select(item => Text(item, "key")).ToList();
        return keys.SequenceEqual(keys.Order(StringComparer.Ordinal));
    }

    private static long Bits(JsonElement value) => Bits(value.ValueKind == JsonValueKind.Number ? value.GetDouble() : value.GetString() switch
    {
        "NaN" => double.NaN,
        "Infinity" => double.PositiveInfinity,
        _ => double.NegativeInfinity,
    });

    /// <summary>On the wire all NaN are one.</summary>
    private static long Bits(double value) => double.IsNaN(value) ? -1 : BitConverter.DoubleToInt64Bits(value);

    /// <summary>A database server that takes all.</summary>
    private sealed class Taker : HttpMessageHandler
    {
        public List<byte[]> Bodies { get; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.RequestUri!.AbsolutePath.EndsWith("/log-batch", StringComparison.Ordinal))
            {
                Bodies.Add(await request.Content!.ReadAsByteArrayAsync(cancellationToken));
            }

            return new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent("""{"store_type": "SqlStore"}"""), RequestMessage = request };
        }
    }
}
