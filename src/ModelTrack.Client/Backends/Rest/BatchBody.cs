using System.Buffers;
using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using ModelTrack.Client.Journal;
using ModelTrack.Client.Numbers;

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
    private readonly NumberTable<byte[]> _keys = new();

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
        _keys.Clear();
        if (Spare.Count < Environment.ProcessorCount * 4)
        {
            Spare.Add(this);
        }
    }

    private void WriteAll(RunBatch batch, ReadOnlySpan<BatchRecord> records)
    {
        _json.WriteStartObject();
        _json.WriteString(RunId, batch.RunId);
        while (!records.IsEmpty)
        {
            var part = records[0].Part;
            var count = 1;
            while (count < records.Length && records[count].Part == part)
            {
                count++;
            }

            _json.WriteStartArray(part switch { BatchPart.Metric => "metrics"u8, BatchPart.Param => "params"u8, _ => "tags"u8 });
            if (part == BatchPart.Metric)
            {
                _json.Flush();
                WritePoints(CollectionsMarshal.AsSpan(batch.Metrics), records[..count]);
            }
            else
            {
                WriteTexts(batch, records[..count]);
            }

            _json.WriteEndArray();
            records = records[count..];
        }

        _json.WriteEndObject();
        _json.Flush();
    }

    private void WriteTexts(RunBatch batch, ReadOnlySpan<BatchRecord> records)
    {
        foreach (var record in records)
        {
            var (key, value) = record.Part == BatchPart.Param
                ? (batch.Params[record.Index].Key, batch.Params[record.Index].Value)
                : (batch.Tags[record.Index].Key, batch.Tags[record.Index].Value!);
            _json.WriteStartObject();
            _json.WriteString(Key, key);
            _json.WriteString(Value, value);
            _json.WriteEndObject();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void WritePoints(ReadOnlySpan<MetricRecord> metrics, ReadOnlySpan<BatchRecord> records)
    {
        for (var i = 0; i < records.Length; i++)
        {
            ref readonly var metric = ref metrics[records[i].Index];
            var key = _keys.Find(metric.KeyNumber) ?? BeginningOf(metric);
            var text = _buffer.GetSpan(key.Length + LongestPoint);
            var length = 0;
            if (i > 0)
            {
                text[length++] = (byte)',';
            }

            Add(key, text, ref length);
            AddPoint(metric.Point, text, ref length);
            _buffer.Advance(length);
        }
    }

    /// <summary>What all points of a key begin with; made once for a body, since keys often come in turns.</summary>
    private byte[] BeginningOf(in MetricRecord metric)
    {
        byte[] text = [.. "{\"key\":\""u8, .. JsonEncodedText.Encode(metric.Key, Options.Encoder).EncodedUtf8Bytes, .. "\",\"value\":"u8];
        _keys.Set(metric.KeyNumber, text);
        return text;
    }

    private static void AddPoint(in MetricPoint point, Span<byte> text, ref int length)
    {
        if (double.IsFinite(point.Value))
        {
            // With its point, a whole number too: -0 would be an integer to the server, and those have no negative zero.
            length += PythonFloat.Write(point.Value, text[length..]);
        }
        else
        {
            Add(double.IsNaN(point.Value) ? "\"NaN\""u8 : point.Value > 0 ? "\"Infinity\""u8 : "\"-Infinity\""u8, text, ref length);
        }

        Add(",\"timestamp\":"u8, text, ref length);
        Add(point.TimestampMilliseconds, text, ref length);
        Add(",\"step\":"u8, text, ref length);
        Add(point.Step, text, ref length);
        text[length++] = (byte)'}';
    }

    private static void Add(ReadOnlySpan<byte> part, Span<byte> text, ref int length)
    {
        part.CopyTo(text[length..]);
        length += part.Length;
    }

    private static void Add(long number, Span<byte> text, ref int length)
    {
        Utf8Formatter.TryFormat(number, text[length..], out var written);
        length += written;
    }
}
