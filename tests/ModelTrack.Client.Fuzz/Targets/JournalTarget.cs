using ModelTrack.Client.Fuzz.Mutation;
using ModelTrack.Client.Fuzz.Running;
using ModelTrack.Client.Journal;

namespace ModelTrack.Client.Fuzz.Targets;

/// <summary>
/// The files of a journal that a process left behind, whatever is in them: taken over, read to the end, settled, and given back. All that
/// was counted in must come out, or the journal would be delivered for ever.
/// </summary>
internal sealed class JournalTarget : FuzzTarget
{
    private readonly Scratch _scratch = new();
    private readonly Tracker _tracker;
    private readonly JournalPlace _place;

    public JournalTarget()
    {
        var journals = Path.Combine(_scratch.Folder, "journals");
        _place = new JournalPlace(journals, InsideStore: false);
        _tracker = new Tracker(new TrackerOptions { TrackingUri = Path.Combine(_scratch.Folder, "mlruns"), JournalDirectory = journals });
    }

    public override string Name => "journal";

    public override int ShortCount => 700;

    public override IEnumerable<byte[]> Seeds() => JournalSeeds.Create(withPlan: true);

    public override byte[] Next(Random random, IReadOnlyList<byte[]> pool) => new JournalMutator(random).Mutate(pool);

    public override Outcome Read(byte[] input)
    {
        var folder = Path.Combine(_place.Folder, "journal");
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, "lock"), []);
        foreach (var (name, content) in FilePack.Unpack(input))
        {
            File.WriteAllBytes(Path.Combine(name == "rejected.jsonl" ? _place.Folder : folder, name), content);
        }

        try
        {
            var files = JournalFiles.List(_place).Single();
            _ = files.PeekOwner();
            if (input.Length % 16 == 0)
            {
                // Other threads do it, and it takes several times as long.
                _ = _tracker.Journals.ListAsync().GetAwaiter().GetResult();
            }

            _ = _tracker.Journals.ReadRejectionsAsync().GetAwaiter().GetResult();
            return JournalFiles.List(_place) is [var still] && DeadJournal.TryAdopt(still, destination: null, ofAnyMachine: true) is { } journal
                ? ReadAll(journal, input.Length)
                : new Outcome(Depth.Refused, "none");
        }
        finally
        {
            Directory.Delete(_place.Folder, recursive: true);
        }
    }

    protected override void Close()
    {
        _tracker.Dispose();
        _scratch.Dispose();
    }

    private static Outcome ReadAll(DeadJournal journal, int length)
    {
        var log = journal.Log;
        try
        {
            var limits = length % 3 == 0 ? new BatchLimits(2, 2, 2, 3, 1) : BatchLimits.Files;
            var reader = new ChunkReader(log, limits);
            var position = JournalPosition.Start;
            var slices = new List<RunSlice>();
            var kinds = 0;
            var (unreadable, reads) = (0, 0);
            while (reader.Read(ref position, slices, _ => true))
            {
                if (++reads > length)
                {
                    throw new FindingException("Reading does not come to an end.");
                }

                foreach (var slice in slices)
                {
                    kinds |= KindsOf(slice.Batch);
                    unreadable += slice.Unreadable;
                    slice.Segment.Hold();
                    log.Settle(slice.Segment, slice.Run, slice.To, slice.Count + slice.Unreadable, []);
                    slice.Segment.Release();
                }

                reader.Return(slices);
            }

            ReadStage(log);
            if (log.Accepted != log.Delivered + log.Rejected)
            {
                throw new FindingException($"{log.Accepted} records were counted in, and {log.Delivered} came out: "
                    + string.Join(", ", log.Runs.Select(run => $"run {run.Number} {run.Accepted}/{run.Delivered}")));
            }

            var runs = log.Runs.Count();
            var isWhole = log.Accepted > 0 && unreadable == 0 && journal.Orphans == 0;
            log.DropSettled();
            return new Outcome(
                isWhole ? Depth.Read : Depth.Partial,
                $"{kinds:x} {Scale(log.Accepted)} {Scale(unreadable)} {Scale(journal.Orphans)} {journal.SignalCame} {runs} {log.SegmentCount} "
                + $"{log.Runs.Count(run => run.Note is not null)} {log.Runs.Count(run => run.Ended)}");
        }
        finally
        {
            journal.Leave();
        }
    }

    private static void ReadStage(SegmentLog log)
    {
        using var stage = ArtifactStage.Of(log.Files!, TimeProvider.System);
        foreach (var name in new[] { "00000001", "00000002", "00000003" })
        {
            foreach (var file in stage.ReadModel(name)?.Files ?? [])
            {
                _ = stage.PathOf(file.File);
            }

            stage.RemoveModel(name);
        }
    }

    private static int Scale(long count) => 64 - System.Numerics.BitOperations.LeadingZeroCount((ulong)count);

    private static int KindsOf(Backends.RunBatch batch)
        => (batch.Metrics.Count > 0 ? 1 : 0) | (batch.Params.Count > 0 ? 2 : 0) | (batch.Tags.Count > 0 ? 4 : 0)
        | (batch.Artifacts.Count > 0 ? 8 : 0) | (batch.Inputs.Count > 0 ? 16 : 0) | (batch.Model is null ? 0 : 32)
        | (batch.Status is null ? 0 : 64);
}
