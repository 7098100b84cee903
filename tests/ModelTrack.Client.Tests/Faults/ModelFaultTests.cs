using ModelTrack.Client.Fakes;

namespace ModelTrack.Client.Tests.Faults;

/// <summary>Faults on the way of a model: there is one in the end, whole and ready, whatever failed and however often.</summary>
[Parallelizable(ParallelScope.Children)]
internal sealed class ModelFaultTests
{
    private const int Ready = 2;
    private const int UploadFailed = 3;

    private static readonly Target Creation = new("creation", "POST", "/logged-models");
    private static readonly Target Link = new("link", "POST", "/runs/outputs");
    private static readonly Target Upload = new("file", "PUT", "/mlflow-artifacts/artifacts/");
    private static readonly Target End = new("end", "PATCH", "/logged-models/");

    private static readonly Target Version = new("version", "POST", "/model-versions/create");

    private static IEnumerable<TestCaseData> Cases
        => from fault in Fault.OfSockets.Concat(Fault.OfHttp.Where(fault => fault is { IsNo: false, Haste: 20 })).Index()
           from target in new[] { Creation, Link, Upload, End, Version }.Index()
           where FaultTests.IsLong || (fault.Index + target.Index) % 2 == 0
           select new TestCaseData(fault.Item, target.Item).SetArgDisplayNames(fault.Item.Name, target.Item.Name);

    private static LogModelOptions Options => new() { Flavors = { ["plain"] = ModelValue.Map(("data", "weights")) }, RegisteredModelName = "m" };

    private static void Write(string folder)
    {
        File.WriteAllText(Path.Combine(folder, "weights"), "0.5");
        File.WriteAllText(Path.Combine(folder, "more"), "text");
    }

    private static void AssertIsThere(FakeState state, string runName)
    {
        var run = state.Runs.Single(run => run.Name == runName);
        var models = state.LoggedModels;
        Assert.That(models.Select(model => (model.Name, model.Status, model.SourceRunId)), Is.EqualTo(new[] { ("model", Ready, run.Id) }));
        Assert.That(run.ModelOutputs.Select(output => output.ModelId), Is.EqualTo(new[] { models[0].Id }));
        var place = models[0].ArtifactLocation["mlflow-artifacts:".Length..].Trim('/');
        Assert.That(
            state.Artifacts.Keys.Where(path => path.StartsWith(place, StringComparison.Ordinal)),
            Is.EquivalentTo(new[] { "MLmodel", "more", "weights" }.Select(file => $"{place}/{file}")));
    }

    [TestCaseSource(nameof(Cases))]
    public async Task A_model_is_there_once_and_ready(Fault fault, Target target)
    {
        await using var stand = await FaultStand.StartAsync(StoreSemantics.Sql, fault);
        using var tracker = stand.Open();
        using var run = tracker.StartRun("a");
        var met = stand.Front.Plan(target, fault, fault.Times);
        run.LogMetric("auc", 0.9).LogModel(Write, options: Options);
        var report = await stand.InTimeAsync(run.EndAsync);
        Assert.That(report.Rejections, Is.Empty);
        Assert.That(met(), Is.Positive);
        AssertIsThere(stand.Server.State, "a");
        Assert.That((await tracker.Registry.GetVersionAsync("m", 1)).Source, Is.EqualTo($"models:/{stand.Server.State.LoggedModels[0].Id}"));
        Assert.That(tracker.Registry.SearchVersionsAsync("name = 'm'").ToBlockingEnumerable().Count(), Is.EqualTo(1));
    }

    [Test]
    public async Task A_model_that_waits_when_its_process_dies_is_stored_by_the_next()
    {
        await using var stand = await FaultStand.StartAsync(StoreSemantics.Sql);
        using (var dying = stand.Open())
        {
            var run = dying.StartRun("a");
            await stand.Proxy.CloseAsync();
            run.LogModel(Write, options: Options);
            run.End();
        }

        stand.Proxy.Open();
        using var next = stand.Open();
        while ((await stand.InTimeAsync(next.FlushAsync)).Pending > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200), stand.Clock);
        }

        AssertIsThere(stand.Server.State, "a");
        Assert.That((await next.Registry.GetVersionAsync("m", 1)).Source, Does.StartWith("models:/m-"));
    }

    [Test]
    public async Task A_model_whose_files_a_proxy_never_takes_has_failed_and_is_kept_here()
    {
        await using var stand = await FaultStand.StartAsync(StoreSemantics.Sql);
        using var tracker = stand.Open();
        using var run = tracker.StartRun("a");
        var tooLarge = Fault.OfHttp.Single(fault => fault.Status == 413).Bytes(stand.Clock);
        stand.Proxy.Script = request => Upload.Is(request.Method, request.Target) ? new Deed(Reply.Whole, Applies: false, tooLarge) : Deed.Pass;
        Assert.That(
            () => stand.InTimeAsync(token => run.LogModelAsync(Write, options: Options, cancellationToken: token)),
            Throws.InstanceOf<ModelTrackException>().With.Message.Contains("413"));
        var report = await stand.InTimeAsync(run.EndAsync);
        Assert.That(report.Rejections.Select(rejection => (rejection.Kind, rejection.Key)), Is.EqualTo(new[] { ("model", "model") }));
        Assert.That(stand.Server.State.LoggedModels.Select(model => model.Status), Is.EqualTo(new[] { UploadFailed }));
        var kept = Directory.GetFiles(Path.Combine(stand.Journals, "rejected")).Select(file => Path.GetFileName(file)[33..]);
        Assert.That(kept, Is.EquivalentTo(new[] { "weights", "more", "model.json" }));
    }

    [Test]
    public async Task A_server_that_is_away_is_not_waited_for_and_gets_the_model_when_it_is_back()
    {
        await using var stand = await FaultStand.StartAsync(StoreSemantics.Sql);
        using var tracker = stand.Open();
        using var run = tracker.StartRun("a");
        await stand.Proxy.CloseAsync();
        Assert.That(
            () => stand.InTimeAsync(token => run.LogModelAsync(Write, options: Options, cancellationToken: token)),
            Throws.InstanceOf<ModelTrackException>().With.Property("IsTransient").True.And.Message.Contains("safe in the journal"));
        stand.Proxy.Open();
        var report = await stand.InTimeAsync(run.EndAsync);
        Assert.That((report.Rejected, report.Pending), Is.EqualTo((0, 0)));
        AssertIsThere(stand.Server.State, "a");
    }
}
