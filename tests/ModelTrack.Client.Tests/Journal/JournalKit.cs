using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using ModelTrack.Client.Backends;
using ModelTrack.Client.Journal;
using TheJournal = ModelTrack.Client.Journal.Journal;

namespace ModelTrack.Client.Tests.Journal;

/// <summary>A folder for journals, with what opens, adopts and reads them.</summary>
internal sealed class JournalKit : IDisposable
{
    public const string Destination = "/data/mlruns";
    public const int SmallSegment = 1 << 16;

    private readonly ScratchFolder _scratch = new();
    private int _runs;

    public FakeTimeProvider Clock { get; } = new();

    public string Folder => _scratch["journals"];

    public JournalPlace Place => JournalPlace.Choose(Folder, null, null)!;

    public string[] Files => Directory.GetFiles(Folder, "*", SearchOption.AllDirectories);

    public string[] Segments => [.. Files.Where(path => path.EndsWith(".segment", StringComparison.Ordinal)).Order()];

    public TheJournal Open(JournalOptions? options = null, ILogger? logger = null) =>
        TheJournal.Create(Place, Destination, options ?? new JournalOptions { SegmentSize = SmallSegment }, Clock, logger ?? NullLogger.Instance);

    public JournalRun OpenRun(TheJournal journal) =>
        journal.OpenRun(new RunDefinition { RunId = $"run{++_runs}", Session = "session" });

    /// <summary>Takes over what closed journals have left.</summary>
    public IReadOnlyList<DeadJournal> Adopt(string destination = Destination) =>
        [.. DeadJournal.AdoptAll(Place, destination, own: null, NullLogger.Instance)];

    public DeadJournal AdoptOne() => Adopt().Single();

    public static bool Log(TheJournal journal, JournalRun run, long step, string key = "loss") =>
        journal.AppendMetric(run, key, new MetricPoint(step / 2.0, step, 1_700_000_000_000 + step), 0, static (_, _) => { });

    /// <summary>All that is to be delivered, in order. Settles it when asked to.</summary>
    public static List<string> ReadAll(SegmentLog log, bool settle = false)
    {
        var reader = new ChunkReader(log, BatchLimits.Files);
        var position = JournalPosition.Start;
        var slices = new List<RunSlice>();
        var texts = new List<string>();
        while (reader.Read(ref position, slices, _ => true))
        {
            foreach (var slice in slices)
            {
                texts.AddRange(Describe(slice.Batch));
                texts.AddRange(Enumerable.Repeat("unreadable", slice.Unreadable));
                if (settle)
                {
                    slice.Segment.Hold();
                    log.Settle(slice.Segment, slice.Run, slice.To, slice.Count + slice.Unreadable, []);
                    slice.Segment.Release();
                }
            }

            reader.Return(slices);
        }

        if (settle)
        {
            log.DropSettled();
        }

        return texts;
    }

    public static string Point(long step, string run = "run1", string key = "loss") =>
        FormattableString.Invariant($"{run} {key}={step / 2.0} step {step} at {1_700_000_000_000 + step}");

    public void Dispose() => _scratch.Dispose();

    private static IEnumerable<string> Describe(RunBatch batch) =>
    [
        .. batch.Metrics.Select(m => FormattableString.Invariant($"{batch.RunId} {m.Key}={m.Point.Value} step {m.Point.Step} at {m.Point.TimestampMilliseconds}")),
        .. batch.Params.Select(p => $"{batch.RunId} param {p.Key}={p.Value}"),
        .. batch.Tags.Select(t => $"{batch.RunId} tag {t.Key}={t.Value ?? "(deleted)"}"),
        .. batch.Inputs.Select(i => $"{batch.RunId} input {i.Name} {i.Digest} {i.SourceType} {i.Source} {i.Schema ?? "()"} {i.Profile ?? "()"} "
            + string.Join(',', i.Tags.Select(tag => $"{tag.Key}={tag.Value}"))),
        .. batch.Status is { } status ? [$"{batch.RunId} {status.Status} at {status.EndTime?.ToUnixTimeMilliseconds()}"] : Array.Empty<string>(),
    ];

    /// <summary>Makes the files of a journal that this process could not have made.</summary>
    public unsafe void Forge(JournalOwner owner)
    {
        var files = JournalFiles.New(Place);
        File.WriteAllText(files.Lock, "");
        var segment = Segment.Create(files.Segment(1), 1, SmallSegment, SegmentMode.Mapped);
        var json = owner.ToJson();
        var size = RecordLayout.Align(RecordLayout.HeaderSize + sizeof(int) + json.Length);
        var record = segment.Memory + segment.Tail;
        *(int*)(record + RecordLayout.HeaderSize) = json.Length;
        json.CopyTo(new Span<byte>(record + RecordLayout.HeaderSize + sizeof(int), json.Length));
        *(uint*)(record + 8) = (uint)Client.Journal.RecordKind.Owner;
        *(uint*)(record + 4) = RecordLayout.Checksum(record, size, segment.Tail, segment.Salt, Client.Journal.RecordKind.Owner);
        segment.Publish(segment.Tail, size);
        segment.Close();
    }

    /// <summary>Where the records of a segment's file lie, and which points they are.</summary>
    public static List<(int From, int To, string? Point)> Map(string path)
    {
        var records = new List<(int, int, string?)>();
        var segment = Segment.Open(path, 1)!;
        segment.Hold();
        var scan = new SegmentScan(segment, Segment.HeaderSize, segment.Size);
        while (scan.MoveNext(out var record))
        {
            records.Add((record.Offset, record.End, record.Kind == Client.Journal.RecordKind.Metric ? Point(record.Point.Step) : null));
        }

        segment.Release();
        segment.Close();
        return records;
    }
}
