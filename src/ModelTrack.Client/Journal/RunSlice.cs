using ModelTrack.Client.Backends;

namespace ModelTrack.Client.Journal;

/// <summary>A batch and where in the journal it comes from.</summary>
internal sealed class RunSlice
{
    public static readonly RunSlice Unwanted = new();

    public int Id { get; private set; }

    public Segment Segment { get; private set; } = null!;

    public JournalRun Run { get; private set; } = null!;

    /// <summary>The offset of its first record.</summary>
    public int From { get; private set; }

    /// <summary>The offset behind its last record: where the run's watermark goes when the batch is settled.</summary>
    public int To { get; private set; }

    public long Watermark { get; private set; }

    public int KeyCount { get; set; }

    /// <summary>
    /// Points whose key was in a damaged record, and inputs of a form that is unknown here. They cannot be stored, and are reported as
    /// rejected.
    /// </summary>
    public int Unreadable => UnreadablePoints + UnreadableInputs.Count;

    public int UnreadablePoints { get; private set; }

    /// <summary>Their names.</summary>
    public List<string> UnreadableInputs { get; } = [];

    public RunBatch Batch { get; } = new() { RunId = "" };

    /// <summary>How many records the batch has.</summary>
    public int Count { get; private set; }

    public void Begin(int id, Segment segment, JournalRun run, int from, long watermark)
    {
        Id = id;
        Segment = segment;
        Run = run;
        From = from;
        To = from;
        Watermark = watermark;
        KeyCount = 0;
        UnreadablePoints = 0;
        UnreadableInputs.Clear();
        Batch.RunId = run.Definition.RunId ?? "";
        Batch.PriorAppends = run.Note is { } note && note.Segment == segment.Number && note.From == from ? note.Lengths : null;
    }

    /// <summary>Whether the batch must go without this record: it is full, or ended by a status, or ends where an earlier try of it ended.</summary>
    public bool IsClosedBefore(in RecordView record, BatchLimits limits)
    {
        if (Batch.PriorAppends is not null)
        {
            return record.Offset >= Run.Note!.To;
        }

        return Batch.Status is not null
            || Count >= limits.Total
            || (Count > 0 && (record.Kind == RecordKind.Artifact) != (Batch.Artifacts.Count > 0))
            || Batch.Artifacts.Count >= BatchLimits.Artifacts
            || (Count > 0 && record.Kind == RecordKind.Model)
            || Batch.Model is not null
            || (record.Kind == RecordKind.Input && Batch.Inputs.Count >= BatchLimits.Inputs)
            || (record.Kind == RecordKind.Metric && Batch.Metrics.Count >= limits.Metrics)
            || (record.Kind == RecordKind.Param && Batch.Params.Count >= limits.Params)
            || (record.Kind is RecordKind.Tag or RecordKind.TagDeletion && Batch.Tags.Count >= limits.Tags)
            || (Run.Note is { } note && note.Segment == Segment.Number && record.Offset == note.From);
    }

    /// <param name="record">The record.</param>
    /// <param name="key">Of a metric point: its key; null where that was damaged.</param>
    public void Add(in RecordView record, string? key)
    {
        To = record.End;
        Count++;
        switch (record.Kind)
        {
            case RecordKind.Metric when key is null:
                UnreadablePoints++;
                Count--;
                break;
            case RecordKind.Metric:
                Batch.Metrics.Add(new MetricRecord(record.KeyNumber, key, record.Point));
                break;
            case RecordKind.Param:
                Batch.Params.Add(new ParamRecord(record.PairKey, record.PairValue));
                break;
            case RecordKind.Tag:
                Batch.Tags.Add(new TagRecord(record.PairKey, record.PairValue));
                break;
            case RecordKind.Artifact:
                Batch.Artifacts.Add(new ArtifactRecord(record.PairKey, record.PairValue));
                break;
            case RecordKind.Model:
                Batch.Model = new ModelRecord(record.PairKey, record.PairValue);
                break;
            case RecordKind.Input when InputJson.Read(record.PairValue) is { } input:
                Batch.Inputs.Add(input);
                break;
            case RecordKind.Input:
                UnreadableInputs.Add(record.PairKey);
                Count--;
                break;
            case RecordKind.TagDeletion:
                Batch.Tags.Add(new TagRecord(record.PairKey, null));
                break;
            default:
                Batch.Status = new StatusRecord(
                    record.Status, record.EndTime == long.MinValue ? null : UnixTime.Of(record.EndTime));
                break;
        }
    }

    public void Clear()
    {
        Count = 0;
        Batch.Metrics.Clear();
        Batch.Params.Clear();
        Batch.Tags.Clear();
        Batch.Artifacts.Clear();
        Batch.Inputs.Clear();
        Batch.Model = null;
        Batch.Late = null;
        Batch.Status = null;
        Batch.PriorAppends = null;
        Batch.NoteAppends = null;
        Batch.MayBeStored = false;
        Batch.LoneFailures = 0;
    }
}
