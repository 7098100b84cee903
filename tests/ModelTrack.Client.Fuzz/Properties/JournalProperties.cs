using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using ModelTrack.Client.Backends;
using ModelTrack.Client.Journal;
using TheJournal = ModelTrack.Client.Journal.Journal;

namespace ModelTrack.Client.Fuzz.Properties;

/// <summary>What is true of the journal whatever is logged.</summary>
internal sealed class JournalProperties
{
    private static readonly RecordKind[] Kinds = [RecordKind.Metric, RecordKind.Metric, RecordKind.Metric, RecordKind.Param, RecordKind.Tag, RecordKind.TagDeletion, RecordKind.Artifact, RecordKind.Input, RecordKind.Model];

    private static readonly Gen<Logged> Records =
        from kind in Gen.Elements(Kinds)
        from run in Gen.Choose(0, 2)
        from key in Generators.Keys
        from value in Generators.Texts
        from point in Generators.Points
        select new Logged(run, kind, key, kind == RecordKind.TagDeletion ? "" : value, point);

    private static readonly Gen<BatchLimits> Limits =
        from metrics in Gen.Choose(1, 5)
        from others in Gen.Choose(1, 3)
        from total in Gen.Choose(1, 8)
        from keys in Gen.Choose(1, 3)
        select new BatchLimits(metrics, others, others, total, keys);

    [Test]
    public void A_record_reads_back_as_it_was_written()
        => Records.ListOf().Check(records => Read(Write(records), BatchLimits.Files).SelectMany(Describe).Order(StringComparer.Ordinal)
            .SequenceEqual(records.Select(Describe).Order(StringComparer.Ordinal)));

    [Test]
    public void Batches_hold_each_record_once_in_the_order_of_its_run_and_are_within_their_limits()
        => Records.ListOf().SelectMany(_ => Limits, (records, limits) => (Records: records, Limits: limits)).Check(given =>
        {
            var batches = Read(Write(given.Records), given.Limits);
            var isWithin = batches.TrueForAll(batch =>
                batch.Metrics.Count <= given.Limits.Metrics && batch.Params.Count <= given.Limits.Params && batch.Tags.Count <= given.Limits.Tags
                && batch.Count <= Math.Max(given.Limits.Total, 1)
                && batch.Metrics.DistinctBy(metric => metric.Key).Count() <= given.Limits.MetricKeys);

            // Within one kind a batch keeps the order; between batches there is one anyway.
            return isWithin && Enumerable.Range(0, 3).All(run => Kinds.Distinct().All(kind =>
                batches.Where(batch => batch.Run == run).SelectMany(batch => Describe(batch, kind))
                    .SequenceEqual(given.Records.Where(record => record.Run == run && record.Kind == kind).Select(Describe))));
        });

    [Test]
    public void What_is_settled_by_one_reader_is_not_read_by_the_next()
        => Records.NonEmptyListOf().SelectMany(_ => Gen.Choose(0, 30), (records, settled) => (Records: records, Settled: settled)).Check(given =>
        {
            using var journal = Write(given.Records);
            var first = Read(journal, new BatchLimits(1, 1, 1, 1, 1), settle: given.Settled);
            var second = Read(journal, BatchLimits.Files);
            var left = given.Records.Count - Math.Min(given.Settled, first.Count);
            return second.Sum(batch => batch.Count) == left;
        });

    [Test]
    public void An_append_note_reads_back_as_it_was_written()
        => (from numbers in Gen.ListOf(Gen.Two(Generators.Integers))
            from fields in Gen.Choose(int.MinValue, int.MaxValue).ArrayOf(5)
            select (Numbers: numbers, Fields: fields)).Check(given =>
            {
                var lengths = given.Numbers.DistinctBy(pair => (int)pair.Item1).ToDictionary(pair => (int)pair.Item1, pair => pair.Item2);
                var note = new AppendNote(given.Fields[0], given.Fields[1], given.Fields[2], given.Fields[3], given.Fields[4], lengths);
                var bytes = note.ToBytes();
                var read = AppendNote.FromBytes([.. bytes, 1, 2, 3]);
                return read is not null && read with { Lengths = lengths } == note && read.Lengths.OrderBy(pair => pair.Key).SequenceEqual(lengths.OrderBy(pair => pair.Key))
                    && AppendNote.FromBytes(bytes.AsSpan(0, bytes.Length - 1)) is null;
            });

    [Test]
    public void A_run_reads_back_as_it_was_described()
        => (from texts in Generators.Texts.OrNull().ArrayOf(5)
            from name in Generators.Texts
            from time in Generators.Integers
            from flags in Gen.Two(Gen.Elements(true, false))
            select (Texts: texts, Name: name, Time: time, Flags: flags)).Check(given =>
            {
                var plan = new RunPlan { Name = given.Name, StartTime = given.Time, ExperimentName = given.Texts[0], Tags = new Dictionary<string, string> { [given.Name] = given.Name } };
                var definition = new RunDefinition
                {
                    RunId = given.Texts[1],
                    Session = given.Name,
                    Key = given.Texts[2],
                    ExperimentId = given.Texts[3],
                    ExperimentName = given.Texts[4],
                    IsToBeResumed = given.Flags.Item1,
                    Plan = given.Flags.Item2 ? plan : null,
                };
                var read = RunDefinition.FromJson(definition.ToJson());
                return read is not null && read.ToJson().SequenceEqual(definition.ToJson()) && read with { Plan = null } == definition with { Plan = null };
            });

    private static TheJournal Write(IEnumerable<Logged> records)
    {
        var journal = TheJournal.Create(null, "memory:", new JournalOptions { SegmentSize = 1 << 14 }, new FakeTimeProvider(), NullLogger.Instance);
        var runs = Enumerable.Range(0, 3).Select(run => journal.OpenRun(new RunDefinition { RunId = $"{run}", Session = "session" })).ToList();
        foreach (var (run, kind, key, value, point) in records)
        {
            if (kind == RecordKind.Metric)
            {
                journal.AppendMetric(runs[run], key, point, 0, (_, _) => { });
            }
            else
            {
                journal.AppendPair(runs[run], kind, key, kind == RecordKind.Input ? InputJson.Write(Input(key, value)) : value);
            }
        }

        return journal;
    }

    private static DatasetInput Input(string key, string value)
        => new(key, "digest", "local", value, null, value, new Dictionary<string, string> { [key] = value });

    private static List<BatchCopy> Read(TheJournal journal, BatchLimits limits, int settle = 0)
    {
        var reader = new ChunkReader(journal.Log, limits);
        var position = JournalPosition.Start;
        var slices = new List<RunSlice>();
        var batches = new List<BatchCopy>();
        while (reader.Read(ref position, slices, _ => true))
        {
            foreach (var slice in slices)
            {
                batches.Add(new BatchCopy(
                    int.Parse(slice.Batch.RunId, System.Globalization.CultureInfo.InvariantCulture), slice.Count, [.. slice.Batch.Metrics], [.. slice.Batch.Params],
                    [.. slice.Batch.Tags], [.. slice.Batch.Artifacts], [.. slice.Batch.Inputs], slice.Batch.Model));
                if (settle-- > 0)
                {
                    slice.Segment.Hold();
                    journal.Log.Settle(slice.Segment, slice.Run, slice.To, slice.Count, []);
                    slice.Segment.Release();
                }
            }

            reader.Return(slices);
        }

        return batches;
    }

    private static IEnumerable<string> Describe(BatchCopy batch) => Kinds.Distinct().SelectMany(kind => Describe(batch, kind));

    private static IEnumerable<string> Describe(BatchCopy batch, RecordKind kind) => kind switch
    {
        RecordKind.Metric => batch.Metrics.Select(metric => Describe(new Logged(batch.Run, kind, metric.Key, "", metric.Point))),
        RecordKind.Param => batch.Params.Select(param => Describe(new Logged(batch.Run, kind, param.Key, param.Value, default))),
        RecordKind.Tag => batch.Tags.Where(tag => tag.Value is not null).Select(tag => Describe(new Logged(batch.Run, kind, tag.Key, tag.Value!, default))),
        RecordKind.TagDeletion => batch.Tags.Where(tag => tag.Value is null).Select(tag => Describe(new Logged(batch.Run, kind, tag.Key, "", default))),
        RecordKind.Artifact => batch.Artifacts.Select(file => Describe(new Logged(batch.Run, kind, file.Path, file.StagedName, default))),
        RecordKind.Input => batch.Inputs.Select(input => Describe(new Logged(
            batch.Run, kind, input.Name, input.Source == input.Profile && input.Tags[input.Name] == input.Source ? input.Source : "damaged", default))),
        _ => batch.Model is { } model ? [Describe(new Logged(batch.Run, kind, model.Name, model.StagedName, default))] : [],
    };

    private static string Describe(Logged record) => record.Kind == RecordKind.Metric
        ? $"{record.Run} {record.Kind} {record.Key} {BitConverter.DoubleToInt64Bits(record.Point.Value)} {record.Point.Step} {record.Point.TimestampMilliseconds}"
        : $"{record.Run} {record.Kind} {record.Key}={record.Value}";

    private readonly record struct Logged(int Run, RecordKind Kind, string Key, string Value, MetricPoint Point);

    private sealed record BatchCopy(
        int Run, int Count, List<MetricRecord> Metrics, List<ParamRecord> Params, List<TagRecord> Tags, List<ArtifactRecord> Artifacts, List<DatasetInput> Inputs, ModelRecord? Model);
}
