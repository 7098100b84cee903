using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ModelTrack.Client.Backends.Rest;

/// <summary>
/// The body of a <c>runs/log-batch</c>. Written by hand because it is what nearly all bytes are spent on; its buffers are used again. NaN
/// and the infinities are strings: a bare literal would make the server drop everything behind it without a word.
/// </summary>
internal sealed class BatchBody : IDisposable
{
    private static readonly ConcurrentBag<BatchBody> Spare = [];

    private static readonly JsonWriterOptions Options = new() { SkipValidation = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonEncodedText RunId = JsonEncodedText.Encode("run_id");
    private static readonly JsonEncodedText Key = JsonEncodedText.Encode("key");
    private static readonly JsonEncodedText Value = JsonEncodedText.Encode("value");
    private static readonly JsonEncodedText Timestamp = JsonEncodedText.Encode("timestamp");
    private static readonly JsonEncodedText Step = JsonEncodedText.Encode("step");
    private static readonly JsonEncodedText Nan = JsonEncodedText.Encode("NaN");
    private static readonly JsonEncodedText Infinity = JsonEncodedText.Encode("Infinity");
    private static readonly JsonEncodedText NegativeInfinity = JsonEncodedText.Encode("-Infinity");

    private readonly ArrayBufferWriter<byte> _buffer = new(1 << 17);
    private readonly Utf8JsonWriter _json;

    private BatchBody() => _json = new Utf8JsonWriter(_buffer, Options);

    public ReadOnlyMemory<byte> Bytes => _buffer.WrittenMemory;

    /// <summary>Writes one; dispose it when the server has answered.</summary>
    public static BatchBody Write(RunBatch batch, ReadOnlySpan<BatchRecord> records)
    {
        var body = Spare.TryTake(out var spare) ? spare : new BatchBody();
        body.WriteAll(batch, records);
        return body;
    }

    public void Dispose()
    {
        _buffer.ResetWrittenCount();
        _json.Reset();
        if (Spare.Count < Environment.ProcessorCount * 4)
        {
            Spare.Add(this);
        }
    }

    private void WriteAll(RunBatch batch, ReadOnlySpan<BatchRecord> records)
    {
        _json.WriteStartObject();
        _json.WriteString(RunId, batch.RunId);
        var metrics = CollectionsMarshal.AsSpan(batch.Metrics);
        JsonEncodedText metricKey = default;
        var keyNumber = -1;
        for (var i = 0; i < records.Length;)
        {
            var part = records[i].Part;
            _json.WriteStartArray(part switch { BatchPart.Metric => "metrics"u8, BatchPart.Param => "params"u8, _ => "tags"u8 });
            for (; i < records.Length && records[i].Part == part; i++)
            {
                _json.WriteStartObject();
                var index = records[i].Index;
                if (part == BatchPart.Metric)
                {
                    ref readonly var metric = ref metrics[index];
                    if (metric.KeyNumber != keyNumber || keyNumber < 0)
                    {
                        metricKey = JsonEncodedText.Encode(metric.Key, JavaScriptEncoder.UnsafeRelaxedJsonEscaping);
                        keyNumber = metric.KeyNumber;
                    }

                    WriteMetric(metricKey, metric.Point);
                }
                else
                {
                    var (key, value) = part == BatchPart.Param
                        ? (batch.Params[index].Key, batch.Params[index].Value)
                        : (batch.Tags[index].Key, batch.Tags[index].Value!);
                    _json.WriteString(Key, key);
                    _json.WriteString(Value, value);
                }

                _json.WriteEndObject();
            }

            _json.WriteEndArray();
        }

        _json.WriteEndObject();
        _json.Flush();
    }

    private void WriteMetric(JsonEncodedText key, in MetricPoint point)
    {
        _json.WriteString(Key, key);
        if (point.Value == 0 && double.IsNegative(point.Value))
        {
            // Written as -0 it would be an integer to the server, and those have no negative zero.
            _json.WritePropertyName(Value);
            _json.WriteRawValue("-0.0"u8, skipInputValidation: true);
        }
        else if (double.IsFinite(point.Value))
        {
            _json.WriteNumber(Value, point.Value);
        }
        else
        {
            _json.WriteString(Value, double.IsNaN(point.Value) ? Nan : point.Value > 0 ? Infinity : NegativeInfinity);
        }

        _json.WriteNumber(Timestamp, point.TimestampMilliseconds);
        _json.WriteNumber(Step, point.Step);
    }
}
