using ModelTrack.Client.Fuzz.Mutation;
using ModelTrack.Client.Fuzz.Running;

namespace ModelTrack.Client.Fuzz.Targets;

/// <summary>
/// A journal that was left behind inside a store, delivered by a tracker of that store: whatever is in it, the delivery comes to an end, the
/// tracker goes on to record, and nothing appears outside of the store.
/// </summary>
internal sealed class DeliveryTarget : FuzzTarget
{
    private const string Id = "fuzz";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Scratch _scratch = new();

    public override string Name => "delivery";

    public override int ShortCount => 30;

    /// <summary>Most of it is not done on the thread that is measured.</summary>
    public override int BytesPerByte => 4000;

    public override IEnumerable<byte[]> Seeds() => JournalSeeds.Create(withPlan: false);

    public override byte[] Next(Random random, IReadOnlyList<byte[]> pool) => new JournalMutator(random).Mutate(pool);

    public override Outcome Read(byte[] input)
    {
        var root = Path.Combine(_scratch.Folder, "store", "mlruns");
        try
        {
            MakeStore(root);
            foreach (var (name, content) in FilePack.Unpack(input))
            {
                File.WriteAllBytes(Path.Combine(root, $".modeltrack-{Id}.{name}"), content);
            }

            return DeliverAsync(root).GetAwaiter().GetResult();
        }
        finally
        {
            Directory.Delete(Path.Combine(_scratch.Folder, "store"), recursive: true);
        }
    }

    protected override void Close() => _scratch.Dispose();

    private static async Task<Outcome> DeliverAsync(string root)
    {
        using var time = new CancellationTokenSource(Patience);
        var tracker = new Tracker(new TrackerOptions { TrackingUri = root, ShutdownTimeout = TimeSpan.FromSeconds(2) });
        await using (tracker.ConfigureAwait(false))
        {
            var told = "delivered";
            try
            {
                var report = await tracker.Journals.DeliverAsync(Id, time.Token).ConfigureAwait(false);
                told = $"{report.Delivered > 0} {report.Rejected > 0} {report.Pending > 0} "
                    + string.Join(',', report.Rejections.Select(rejection => rejection.Kind).Distinct().Order());
            }
            catch (ModelTrackException e)
            {
                told = e.ErrorCode;
            }

            // The loop that carries records is alive.
            using var run = await tracker.StartRunAsync("after", cancellationToken: time.Token).ConfigureAwait(false);
            run.LogParam("a", 1);
            var own = await run.EndAsync(time.Token).ConfigureAwait(false);
            if (own is { Delivered: 0 } or { Pending: > 0 })
            {
                throw new FindingException($"After it the tracker does not record any more: {own}");
            }

            var stray = Directory.GetFileSystemEntries(Path.GetDirectoryName(root)!).Select(Path.GetFileName).Except(["mlruns"]).ToList();
            return stray.Count > 0
                ? throw new FindingException("Beside the store appeared " + string.Join(", ", stray))
                : new Outcome(told.StartsWith("True", StringComparison.Ordinal) ? Depth.Read : told.StartsWith("False", StringComparison.Ordinal) ? Depth.Partial : Depth.Refused, told);
        }
    }

    private static void MakeStore(string root)
    {
        var run = Path.Combine(root, "0", "run1");
        foreach (var folder in new[] { "metrics", "params", "tags", "artifacts" })
        {
            Directory.CreateDirectory(Path.Combine(run, folder));
        }

        File.WriteAllText(Path.Combine(root, "0", "meta.yaml"), $"artifact_location: {root}/0\nexperiment_id: '0'\nlifecycle_stage: active\nname: Default\n");
        File.WriteAllText(
            Path.Combine(run, "meta.yaml"),
            $"artifact_uri: {run}/artifacts\nend_time: null\nexperiment_id: '0'\nlifecycle_stage: active\nrun_id: run1\nrun_name: one\nrun_uuid: run1\n"
            + "source_name: ''\nsource_type: 4\nsource_version: ''\nstart_time: 1700000000000\nstatus: 1\ntags: []\nuser_id: me\n");
        File.WriteAllBytes(Path.Combine(root, $".modeltrack-{Id}.lock"), []);
    }
}
