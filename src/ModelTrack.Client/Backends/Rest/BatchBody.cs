using System.Buffers;
using System.Buffers.Text;
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

    /// <summary>Longer than all numbers of a point and the names between them.</summary>
    private const int LongestPoint = 128;

    private readonly ArrayBufferWriter<byte> _buffer = new(1 << 17);
    private readonly Utf8JsonWriter _json;
    private byte[] _point = new byte[256];

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
        var keyLength = 0;
        int? keyNumber = null;
        for (var i = 0; i < records.Length;)
        {
            var part = records[i].Part;
            _json.WriteStartArray(part switch { BatchPart.Metric => "metrics"u8, BatchPart.Param => "params"u8, _ => "tags"u8 });
            for (; i < records.Length && records[i].Part == part; i++)
            {
                var index = records[i].Index;
                if (part == BatchPart.Metric)
                {
                    ref readonly var metric = ref metrics[index];
                    if (metric.KeyNumber != keyNumber)
                    {
                        keyLength = BeginPoint(metric.Key);
                        keyNumber = metric.KeyNumber;
                    }

                    WritePoint(keyLength, metric.Point);
                }
                else
                {
                    var (key, value) = part == BatchPart.Param
                        ? (batch.Params[index].Key, batch.Params[index].Value)
                        : (batch.Tags[index].Key, batch.Tags[index].Value!);
                    _json.WriteStartObject();
                    _json.WriteString(Key, key);
                    _json.WriteString(Value, value);
                    _json.WriteEndObject();
                }
            }

            _json.WriteEndArray();
        }

        _json.WriteEndObject();
        _json.Flush();
    }

    /// <summary>What all points of a key begin with. Returns how long it is.</summary>
    private int BeginPoint(string key)
    {
        var text = JsonEncodedText.Encode(key, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes;
        if (_point.Length < text.Length + LongestPoint)
        {
            _point = new byte[text.Length + LongestPoint];
        }

        var length = 0;
        Add("{\"key\":\""u8, ref length);
        Add(text, ref length);
        Add("\",\"value\":"u8, ref length);
        return length;
    }

    private void WritePoint(int length, in MetricPoint point)
    {
        if (point.Value == 0 && double.IsNegative(point.Value))
        {
            // Written as -0 it would be an integer to the server, and those have no negative zero.
            Add("-0.0"u8, ref length);
        }
        else if (double.IsFinite(point.Value))
        {
            Utf8Formatter.TryFormat(point.Value, _point.AsSpan(length), out var written);
            length += written;
        }
        else
        {
            Add(double.IsNaN(point.Value) ? "\"NaN\""u8 : point.Value > 0 ? "\"Infinity\""u8 : "\"-Infinity\""u8, ref length);
        }

        Add(",\"timestamp\":"u8, ref length);
        Add(point.TimestampMilliseconds, ref length);
        Add(",\"step\":"u8, ref length);
        Add(point.Step, ref length);
        Add("}"u8, ref length);
        _json.WriteRawValue(_point.AsSpan(0, length), skipInputValidation: true);
    }

    private void Add(ReadOnlySpan<byte> text, ref int length)
    {
        text.CopyTo(_point.AsSpan(length));
        length += text.Length;
    }

    private void Add(long number, ref int length)
    {
        Utf8Formatter.TryFormat(number, _point.AsSpan(length), out var written);
        length += written;
    }
}
