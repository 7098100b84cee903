namespace ModelTrack.Client.Tests.Backends.Files;

/// <summary>Strange files cost a warning, never the rest of the store.</summary>
internal sealed class DamagedStoreTests
{
    [TestCase("")]
    [TestCase("run_id: 'x")]
    [TestCase("- a list\n")]
    [TestCase("run_id: 0123\nexperiment_id: '0'\nstatus: 1\n")]
    public async Task A_damaged_run_is_skipped_with_a_warning(string meta)
    {
        using var store = new TempStore();
        var good = await store.CreateRunAsync("good");
        var bad = await store.CreateRunAsync("bad");
        TempStore.WriteOld(Path.Combine(store.FolderOf(bad), "meta.yaml"), meta);

        var found = await store.SearchAsync();

        Assert.That(found.Select(r => r.Name), Is.EqualTo([good.Name]));
        Assert.That(store.Log.Warnings, Has.Some.Contains(bad.Id));
        Assert.That(
            async () => await store.Backend.GetRunAsync(bad.Id, default),
            Throws.TypeOf<ModelTrackException>().With.Message.Contains(bad.Id));
    }

    [Test]
    public async Task A_meta_file_that_is_being_rewritten_is_waited_for()
    {
        using var store = new TempStore();
        var run = await store.CreateRunAsync("patience");
        var meta = Path.Combine(store.FolderOf(run), "meta.yaml");
        var content = await File.ReadAllTextAsync(meta);
        await File.WriteAllTextAsync(meta, "");

        var reading = Task.Run(async () => await store.Backend.GetRunAsync(run.Id, default));
        var searching = store.SearchAsync();
        await File.WriteAllTextAsync(meta, content);

        Assert.That((await reading).Name, Is.EqualTo("patience"));
        Assert.That(await searching, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Stray_files_and_folders_do_no_harm()
    {
        using var store = new TempStore();
        var run = await store.CreateRunAsync(tags: ("k", "v"));
        var folder = store.FolderOf(run);
        await File.WriteAllTextAsync(Path.Combine(folder, "tags", "~bad"), "x");
        await File.WriteAllTextAsync(Path.Combine(folder, "params", "x#1"), "x");
        await File.WriteAllTextAsync(Path.Combine(folder, "metrics", "a+b"), "x");
        Directory.CreateDirectory(Path.Combine(folder, "inputs", "nothing"));
        Directory.CreateDirectory(Path.Combine(store.Root, "0", "models"));
        Directory.CreateDirectory(Path.Combine(store.Root, "0", "no-run"));
        Directory.CreateDirectory(Path.Combine(store.Root, "models", "registered"));
        await File.WriteAllTextAsync(Path.Combine(store.Root, "0", "file"), "x");

        var found = (await store.SearchAsync()).Single();

        Assert.That(found.Tags.Keys, Is.EquivalentTo(["k", "mlflow.runName"]));
        Assert.That(found.Params, Is.Empty);
        Assert.That(found.Metrics, Is.Empty);
        Assert.That(store.Log.Warnings, Has.Count.EqualTo(4));
    }

    [Test]
    public async Task A_run_may_lack_its_folders()
    {
        using var store = new TempStore();
        var run = await store.CreateRunAsync();
        foreach (var folder in Directory.GetDirectories(store.FolderOf(run)))
        {
            Directory.Delete(folder, recursive: true);
        }

        Assert.That((await store.Backend.GetRunAsync(run.Id, default)).Name, Is.EqualTo("a run"));
        Assert.That(await store.Backend.ListArtifactsAsync(run.Id, "", default), Is.Empty);
        Assert.That(await HistoryAsync(store, run, "m"), Is.Empty);
    }

    [Test]
    public async Task A_damaged_experiment_does_not_hide_the_others()
    {
        using var store = new TempStore();
        var bad = await store.Backend.CreateExperimentAsync("bad", null, null, default);
        TempStore.WriteOld(Path.Combine(store.Root, bad.Id, "meta.yaml"), "experiment_id: '7'\n");
        await store.Backend.CreateExperimentAsync("good", null, null, default);

        Assert.That(await store.Backend.FindExperimentAsync("good", default), Is.Not.Null);
        Assert.That(await store.Backend.FindExperimentAsync("bad", default), Is.Null);
        Assert.That(store.Log.Warnings, Has.Some.Contains(bad.Id));
    }

    [Test]
    public async Task Damaged_metric_lines_are_skipped_and_a_line_that_is_being_written_is_passed_over()
    {
        using var store = new TempStore();
        var run = await store.CreateRunAsync();
        await File.WriteAllTextAsync(
            Path.Combine(store.FolderOf(run), "metrics", "m"), "1 0.5 1\n\n2 oops 2\n3 0.25 3\r\n4 1.5 4 name digest\n5 0.1");

        Assert.That(
            await HistoryAsync(store, run, "m"),
            Is.EqualTo(new MetricPoint[] { new(0.5, 1, 1), new(0.25, 3, 3), new(1.5, 4, 4), new(0.1, 0, 5) }));
        Assert.That((await store.Backend.GetRunAsync(run.Id, default)).Metrics["m"], Is.EqualTo(new MetricPoint(1.5, 4, 4)));
        Assert.That(store.Log.Warnings, Has.All.Contains("2 damaged lines"));

        await File.WriteAllTextAsync(Path.Combine(store.FolderOf(run), "metrics", "m"), "1 0.5 1\n17000000");
        Assert.That(await HistoryAsync(store, run, "m"), Is.EqualTo(new MetricPoint[] { new(0.5, 1, 1) }));
    }

    [Test]
    public async Task A_long_history_reads_back_in_order()
    {
        using var store = new TempStore();
        var run = await store.CreateRunAsync();
        await File.WriteAllLinesAsync(
            Path.Combine(store.FolderOf(run), "metrics", "m"),
            Enumerable.Range(0, 20_000).Select(i => $"{1_700_000_000_000 + i} {i}.5 {i}"));

        var history = await HistoryAsync(store, run, "m");

        Assert.That(history.Select(p => (p.Step, p.Value)), Is.EqualTo(Enumerable.Range(0, 20_000).Select(i => ((long)i, i + 0.5))));
    }

    private static async Task<List<MetricPoint>> HistoryAsync(TempStore store, RunSnapshot run, string key)
    {
        var points = new List<MetricPoint>();
        await foreach (var point in store.Backend.GetMetricHistoryAsync(run.Id, key, default))
        {
            points.Add(point);
        }

        return points;
    }
}
