using System.Text;
using ModelTrack.Client.Fuzz.Mutation;
using ModelTrack.Client.Fuzz.Running;
using ModelTrack.Client.Fuzz.Targets;
using ModelTrack.Client.Journal;

namespace ModelTrack.Client.Fuzz.Regressions;

/// <summary>What fuzzing found in the readers of journals.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class JournalRegressions : IDisposable
{
    private readonly JournalTarget _target = new();

    public void Dispose() => _target.Dispose();

    [Test]
    public void Records_before_the_record_of_their_run_are_counted_as_they_are_read()
    {
        var outcome = Read(Segment(JournalSeeds.OwnerRecord(), Status(1), Status(1)), Segment(JournalSeeds.OwnerRecord(), JournalSeeds.RunRecord(), Status(1)));
        Assert.That(outcome.Depth, Is.EqualTo(Depth.Read));
    }

    [Test]
    public void A_second_record_of_a_run_in_a_segment_does_not_move_its_watermark()
    {
        var garbage = SegmentBytes.Numbers(RecordKind.Run, 1, 0, 400, 0, 0);
        Assert.That(Read(Segment(JournalSeeds.OwnerRecord(), JournalSeeds.RunRecord(), Status(1), garbage, Status(1))).Depth, Is.EqualTo(Depth.Read));
    }

    [Test]
    public void A_watermark_behind_the_end_of_the_segment_settles_nothing()
    {
        var run = JournalSeeds.RunRecord();
        run.Rest[4] = 1;
        Assert.That(Read(Segment(JournalSeeds.OwnerRecord(), run, Status(1))).Depth, Is.EqualTo(Depth.Read));
    }

    [Test]
    public void Two_files_of_one_number_are_one_segment()
    {
        var segment = Segment(JournalSeeds.OwnerRecord(), JournalSeeds.RunRecord(), Status(1));
        Assert.That(_target, Reads(FilePack.Pack([("00000001.segment", segment), ("1.segment", segment)])));
    }

    [TestCase(long.MaxValue)]
    [TestCase(long.MinValue + 1)]
    [TestCase(253_402_300_800_000)]
    public void A_status_whose_time_is_none_is_read(long time)
        => Assert.That(Read(Segment(JournalSeeds.OwnerRecord(), JournalSeeds.RunRecord(), Status(1, time))).Depth, Is.EqualTo(Depth.Read));

    [Test]
    public void The_number_of_a_key_asks_for_no_memory()
    {
        var key = SegmentBytes.Text(RecordKind.Key, 0, 1 << 26, "loss"u8);
        var point = SegmentBytes.Numbers(RecordKind.Metric, 1, 1 << 26, 0, 0, 0);
        Assert.That(Read(Segment(JournalSeeds.OwnerRecord(), JournalSeeds.RunRecord(), key, point)).Depth, Is.EqualTo(Depth.Read));
    }

    [TestCase("""{"Destination":"d","Machine":"m","Boot":null,"ProcessId":1,"ProcessStart":1,"CreatedAt":1}""")]
    [TestCase("""{"Destination":null,"Machine":null,"Boot":"b","ProcessId":1,"ProcessStart":1,"CreatedAt":1}""")]
    public void An_owner_with_a_null_is_none(string json)
        => Assert.That(Read(Segment(SegmentBytes.Text(RecordKind.Owner, 0, 0, Encoding.UTF8.GetBytes(json)))).Depth, Is.EqualTo(Depth.Refused));

    [TestCase("""{"RunId":"a","Session":null}""")]
    [TestCase("""{"Session":"s","Plan":{"Name":null,"StartTime":1}}""")]
    [TestCase("""{"Session":"s","Plan":{"Name":"n","StartTime":1,"Tags":null}}""")]
    [TestCase("""{"Session":"s","Plan":{"Name":"n","StartTime":1,"Tags":{"a":null}}}""")]
    public void A_run_with_a_null_is_none(string json)
    {
        var run = SegmentBytes.Text(RecordKind.Run, 1, 0, Encoding.UTF8.GetBytes(json));
        Assert.That(RunDefinition.FromJson(Encoding.UTF8.GetBytes(json)), Is.Null);
        Assert.That(Read(Segment(JournalSeeds.OwnerRecord(), run, Status(1))).Depth, Is.EqualTo(Depth.Partial));
    }

    [TestCase("""{"Key":"k","Name":"n","Manifest":"m","Files":[null]}""")]
    [TestCase("""{"Key":"k","Name":"n","Manifest":"m","Files":[{"Path":"p"}]}""")]
    [TestCase("""{"Key":"k","Name":null,"Manifest":"m","Files":[]}""")]
    public void A_damaged_description_of_a_model_is_none(string json)
        => Assert.That(_target, Reads(FilePack.Pack(
            [("00000001.segment", Segment(JournalSeeds.OwnerRecord())), ("00000001.artifact", Encoding.UTF8.GetBytes(json))])));

    [TestCase("../../x")]
    [TestCase("/etc/x")]
    [TestCase("a\0b")]
    [TestCase("")]
    public void A_staged_name_leads_to_nothing_outside(string name)
    {
        using var stage = new ArtifactStage(null, 1, TimeSpan.Zero, TimeProvider.System);
        Assert.That(Path.GetDirectoryName(stage.PathOf(name)), Is.EqualTo(Path.GetDirectoryName(stage.PathOf("00000001"))));
        Assert.That(File.Exists(stage.PathOf(name)), Is.False);
        Assert.That(stage.ReadModel(name), Is.Null);
    }

    private static byte[] Segment(params SegmentRecord[] records) => SegmentBytes.Build(records);

    private static SegmentRecord Status(int run, long time = 1) => SegmentBytes.Numbers(RecordKind.Status, run, 0, (long)RunStatus.Finished, time);

    private static NUnit.Framework.Constraints.Constraint Reads(byte[] input)
        => Is.Not.Null.And.Matches<FuzzTarget>(target => new FuzzRun(target, 1).Try(input) is { Depth: >= Depth.Refused });

    private Outcome Read(params byte[][] segments)
        => new FuzzRun(_target, 1).Try(FilePack.Pack(segments.Select((segment, index) => ($"{index + 1:d8}.segment", segment))));
}
