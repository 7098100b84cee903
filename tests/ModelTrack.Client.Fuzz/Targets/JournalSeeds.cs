using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using ModelTrack.Client.Fuzz.Mutation;
using ModelTrack.Client.Journal;
using TheJournal = ModelTrack.Client.Journal.Journal;

namespace ModelTrack.Client.Fuzz.Targets;

/// <summary>Journals that a real one wrote, with every kind of record, as packs of files.</summary>
internal static class JournalSeeds
{
    private static readonly JournalOwner Owner = new()
    {
        Destination = "/data/mlruns",
        Machine = "machine",
        Boot = "boot",
        ProcessId = 1,
        ProcessStart = 1_700_000_000_000,
        CreatedAt = 1_700_000_000_000,
    };

    /// <param name="withPlan">Whether one of the runs has still to be created; where it might have been, that takes some seconds.</param>
    public static IEnumerable<byte[]> Create(bool withPlan)
    {
        yield return Write(1 << 16, 20, withPlan);
        yield return Write(1 << 14, 300, withPlan);
        yield return FilePack.Pack([("00000001.segment", SegmentBytes.Build([OwnerRecord()]))]);
    }

    public static SegmentRecord OwnerRecord() => SegmentBytes.Text(RecordKind.Owner, 0, 0, Owner.ToJson());

    public static SegmentRecord RunRecord(int number = 1, string id = "run1")
        => SegmentBytes.Text(RecordKind.Run, number, 0, new RunDefinition { RunId = id, Session = "session" }.ToJson());

    private static byte[] Write(int segmentSize, int points, bool withPlan)
    {
        using var scratch = new Scratch();
        var place = new JournalPlace(scratch.Folder, InsideStore: false);
        using (var journal = TheJournal.Create(
            place, Owner.Destination, new JournalOptions { SegmentSize = segmentSize }, new FakeTimeProvider(), NullLogger.Instance))
        {
            var known = journal.OpenRun(new RunDefinition { RunId = "run1", Session = "session" });
            var planned = journal.OpenRun(!withPlan ? new RunDefinition { RunId = "run2", Session = "session" } : new RunDefinition
            {
                Session = "session",
                Key = "key",
                Plan = new RunPlan { ExperimentName = "exp", Name = "planned", StartTime = 1, Tags = new Dictionary<string, string> { ["a"] = "b" } },
            });
            foreach (var run in new[] { known, planned })
            {
                journal.AppendPair(run, RecordKind.Param, "lr", "0.1");
                journal.AppendPair(run, RecordKind.Tag, "team", "é😀");
                journal.AppendPair(run, RecordKind.TagDeletion, "team", "");
                journal.AppendPair(run, RecordKind.Artifact, "reports/a.txt", journal.Stage.Add(new MemoryStream([1, 2, 3])));
                journal.AppendPair(run, RecordKind.Input, "data", InputJson.Write(new DatasetInput(
                    "data", "digest", "local", "{}", "{\"a\":1}", null, new Dictionary<string, string> { ["mlflow.data.context"] = "training" })));
                for (var i = 0; i < points; i++)
                {
                    journal.AppendMetric(run, i % 3 == 0 ? "loss" : "acc/train", new MetricPoint(i / 2.0, i, 1_700_000_000_000 + i), 0, (_, _) => { });
                }
            }

            var draft = new ModelDraft("key", "model", "flavors: {}\n", [new ModelDraftFile("model.zip", "00000001")], "registered", null, 3);
            var model = journal.Stage.Add(new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(draft, ModelDraftJson.Default.ModelDraft)));
            journal.AppendPair(known, RecordKind.Model, "model", model);
            journal.AppendSignal(15);
            journal.AppendStatus(known, RunStatus.Finished, 1_700_000_001_000);
            using var notes = new NoteSlots(journal.Log.Files);
            notes.Write(planned, 1, 64, 512, new Dictionary<int, long> { [1] = 10, [2] = 0 });
        }

        var folder = Directory.GetDirectories(scratch.Folder).Single();
        return FilePack.Pack(Directory.GetFiles(folder).Order(StringComparer.Ordinal)
            .Where(path => Path.GetFileName(path) != "lock")
            .Select(path => (Path.GetFileName(path), Portable(path, File.ReadAllBytes(path)))));
    }

    /// <summary>Without what is of this machine and this moment.</summary>
    private static byte[] Portable(string path, byte[] content) => path.EndsWith(".segment", StringComparison.Ordinal)
        ? SegmentBytes.Build(SegmentBytes.Parse(content).Select(record => record.Kind == RecordKind.Owner ? OwnerRecord() : record))
        : content;
}
