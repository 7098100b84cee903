using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using ModelTrack.Client.Fakes;

namespace ModelTrack.Client.Tests.Faults;

/// <summary>What a server refuses for good is rejected with the server's reason; what it cannot take just now is not.</summary>
[Parallelizable(ParallelScope.Children)]
internal sealed class PoisonTests
{
    private static readonly FakeAnswer Accident = Html(500);

    [Test]
    public async Task A_param_that_another_client_has_set_otherwise_is_rejected_alone([Values] StoreSemantics store)
    {
        await using var stand = await FaultStand.StartAsync(store);
        using var tracker = stand.Open();
        var run = stand.Start(tracker, "a");
        await PostAsync(stand, "runs/log-parameter", new { run_id = run.Run.Id, key = "depth", value = "theirs" });
        run.Points(20);
        run.Param("depth", "ours");
        run.Param("width", "ours");
        run.Points(20, from: 20);
        var report = await stand.InTimeAsync(run.Run.EndAsync);
        run.Stored("depth", "theirs");
        stand.AssertStored();
        AssertRejected(stand, report, "param", "depth", "Changing param values is not allowed");
    }

    [Test]
    public async Task A_record_at_which_the_server_fails_each_time_is_rejected_alone([Values] StoreSemantics store)
    {
        await using var stand = await FaultStand.StartAsync(store);
        using var tracker = stand.Open();
        var run = stand.Start(tracker, "a");
        var other = stand.Start(tracker, "b");
        stand.Server.Interceptor = Answering(Accident, context => Mentions(context, "poison"));
        run.Train(100);
        run.Metric("poison", 1, 7);
        run.Train(100, from: 100);
        other.Train(100);
        other.End();
        var report = await stand.InTimeAsync(run.Run.EndAsync);
        await stand.InTimeAsync(tracker.FlushAsync);
        run.Forget("poison");
        stand.AssertStored();
        AssertRejected(stand, report, "metric", "poison", "answered 500");
    }

    [Test]
    public async Task A_single_record_survives_a_server_error_that_passes([Values] StoreSemantics store, [Values(1, 4)] int times)
    {
        await using var stand = await FaultStand.StartAsync(store);
        using var tracker = stand.Open();
        var run = stand.Start(tracker, "a");
        stand.Server.Interceptor = Answering(Accident, IsBatch, times);
        run.Metric("loss", double.NaN, 7);
        await stand.InTimeAsync(run.Run.EndAsync);
        await stand.AssertAllIsStoredAsync(tracker);
    }

    /// <summary>A full disk: what writes over a file may still find room.</summary>
    [Test]
    public async Task A_server_that_can_read_but_not_write_refuses_nothing([Values] StoreSemantics store, [Values] bool tagsCanBeReplaced)
    {
        await using var stand = await FaultStand.StartAsync(store);
        using var tracker = stand.Open();
        var runs = Enumerable.Range(0, 3).Select(i => stand.Start(tracker, $"run {i}")).ToList();
        stand.Server.Interceptor = Answering(
            Accident,
            context => IsBatch(context) || IsPath(context, "/runs/update") || context.Request.Method == "PUT"
                || (IsPath(context, "/runs/set-tag") && !(tagsCanBeReplaced && Mentions(context, "modeltrack.session"))),
            times: 40);
        runs.ForEach(run => run.Train(100));
        runs[0].Metric("loss", 1, 1000);
        runs.ForEach(run => run.End());
        await stand.AssertAllIsStoredAsync(tracker);
    }

    [Test]
    public async Task A_refusal_during_which_the_server_goes_away_rejects_nothing_else([Values] StoreSemantics store)
    {
        await using var stand = await FaultStand.StartAsync(store);
        using var tracker = stand.Open();
        var run = stand.Start(tracker, "a");
        var poison = Answering(Refusal("no poison here"), context => IsBatch(context) && Mentions(context, "poison"));
        var away = Answering(Html(503), context => IsPath(context, "/runs/get"), times: 5);
        stand.Server.Interceptor = async context => await poison(context) || await away(context);
        run.Points(50);
        run.Metric("poison", 1, 7);
        run.Points(50, from: 50);
        var report = await stand.InTimeAsync(run.Run.EndAsync);
        run.Forget("poison");
        stand.AssertStored();
        AssertRejected(stand, report, "metric", "poison", "no poison here");
    }

    [Test]
    public async Task A_request_too_large_for_a_proxy_goes_in_parts([Values] StoreSemantics store)
    {
        await using var stand = await FaultStand.StartAsync(store);
        using var tracker = stand.Open();
        var run = stand.Start(tracker, "a");
        stand.Server.Interceptor = Answering(Html(413), context => IsBatch(context) && Body(context).Length > 20_000);
        run.Train(300);
        await stand.InTimeAsync(run.Run.EndAsync);
        await stand.AssertAllIsStoredAsync(tracker);
    }

    [Test]
    public async Task A_deleted_run_rejects_its_own_records_and_not_the_others([Values] StoreSemantics store)
    {
        await using var stand = await FaultStand.StartAsync(store);
        using var tracker = stand.Open();
        var run = stand.Start(tracker, "a");
        var gone = tracker.StartRun("gone");
        await PostAsync(stand, "runs/delete", new { run_id = gone.Id });
        var lost = new LoggedRun(gone);
        lost.Points(100);
        run.Train(100);
        var report = await stand.InTimeAsync(gone.EndAsync);
        await stand.InTimeAsync(run.Run.EndAsync);
        Assert.That((report.Delivered, report.Rejected), Is.EqualTo((0L, report.Accepted)));

        // By what we know of it or, where its end goes alone, in the server's own words.
        Assert.That(report.Rejections.Select(rejection => rejection.Reason), Has.All.Matches<string>(reason => reason.Contains("deleted", StringComparison.Ordinal) || reason.Contains("lifecycle_stage", StringComparison.Ordinal)));
        Assert.That(stand.Server.State.GetRun(gone.Id).MetricKeys, Is.Empty);
        run.AssertIsStored(stand.Server.State, store);
    }

    /// <summary>A request without a body cannot be too large, one that fails alone gets some tries, and a page of somebody else's says nothing of a route that the server has.</summary>
    [TestCase("GET", "/runs/get", 413)]
    [TestCase("POST", "/runs/delete-tag", 413)]
    [TestCase("POST", "/runs/log-inputs", 404)]
    public async Task A_refusal_that_is_about_no_record_rejects_none(string method, string path, int status)
    {
        await using var stand = await FaultStand.StartAsync(StoreSemantics.FileStore);
        using var tracker = stand.Open();
        var run = stand.Start(tracker, "a");
        var left = 4;
        var fault = Fault.OfHttp.Single(one => one.Status == status).Bytes(stand.Clock);
        stand.Proxy.Script = request => request.Method == method && request.Target.Contains(path) && Interlocked.Decrement(ref left) >= 0
            ? new Deed(Reply.Whole, Applies: false, fault)
            : Deed.Pass;
        run.Train(50);
        run.End();
        await stand.AssertAllIsStoredAsync(tracker);
        Assert.That(left, Is.Negative);
    }

    private static void AssertRejected(FaultStand stand, DeliveryReport report, string kind, string key, string reason)
    {
        Assert.That((report.Rejected, report.Delivered), Is.EqualTo((1L, report.Accepted - 1)), stand.Log.Text);
        var rejection = report.Rejections.Single();
        Assert.That((rejection.Kind, rejection.Key), Is.EqualTo((kind, key)));
        Assert.That(rejection.Reason, Does.Contain(reason));
        var kept = File.ReadAllLines(Path.Combine(stand.Journals, "rejected.jsonl"));
        Assert.That(kept, Has.Length.EqualTo(1));
        using var line = JsonDocument.Parse(kept[0]);
        Assert.That(line.RootElement.EnumerateObject().Select(member => member.Value.ToString()), Does.Contain(key).And.Contain(rejection.Reason));
    }

    private static async Task PostAsync(FaultStand stand, string route, object body)
    {
        using var client = new HttpClient();
        using var answer = await client.PostAsJsonAsync($"{stand.Server.Url.AbsoluteUri.TrimEnd('/')}/api/2.0/mlflow/{route}", body);
        Assert.That((int)answer.StatusCode, Is.EqualTo(200));
    }

    private static Func<HttpContext, Task<bool>> Answering(FakeAnswer answer, Func<HttpContext, bool> which, int times = int.MaxValue)
    {
        var left = times;
        return async context =>
        {
            if (!which(context) || Interlocked.Decrement(ref left) < 0)
            {
                return false;
            }

            await FakeServer.SendAsync(context, answer);
            return true;
        };
    }

    private static FakeAnswer Html(int status) => new(
        status, "text/html", Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"<html><title>{status}</title></html>")));

    private static FakeAnswer Refusal(string message) => new(
        400, "application/json", Encoding.UTF8.GetBytes($$"""{"error_code": "INVALID_PARAMETER_VALUE", "message": "{{message}}"}"""));

    private static bool IsBatch(HttpContext context) => IsPath(context, "/runs/log-batch");

    private static bool IsPath(HttpContext context, string end) => context.Request.Path.Value!.EndsWith(end, StringComparison.Ordinal);

    private static bool Mentions(HttpContext context, string text) => Body(context).Contains(text, StringComparison.Ordinal);

    private static string Body(HttpContext context) => Encoding.UTF8.GetString(((MemoryStream)context.Request.Body).ToArray());
}
