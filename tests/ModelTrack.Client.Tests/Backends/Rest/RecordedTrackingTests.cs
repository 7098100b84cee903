using ModelTrack.Client.Tests.Backends.Rest.Recording;

namespace ModelTrack.Client.Tests.Backends.Rest;

/// <summary>The client's tracking endpoints against what a real server was sent and answered.</summary>
[TestFixture]
internal sealed class RecordedTrackingTests
{
    /// <summary>Requests that this client cannot make, since it sends each value as what it is, and no other.</summary>
    private static readonly Dictionary<string, string> NotSent = new()
    {
        ["013-experiments-create-name-not-string"] = "a number as a text",
        ["015-experiments-create-malformed-json"] = "no JSON",
        ["016-experiments-create-no-content-type"] = "no content type",
        ["017-experiments-create-wrong-content-type"] = "a wrong content type",
        ["018-experiments-create-charset-content-type"] = "a content type with parameters",
        ["019-experiments-create-unknown-field"] = "a field that does not exist",
        ["025-experiments-get-with-body"] = "a body in a GET",
        ["035-experiments-search-no-max-results"] = "a search without a page size",
        ["061-runs-create-start-time-as-string"] = "a text as a number",
        ["065-runs-create-experiment-id-number"] = "a number as a text",
        ["067-runs-get-run-uuid"] = "a deprecated name",
        ["073-runs-log-metric-strings"] = "texts as numbers",
        ["074-runs-log-metric-value-as-string"] = "a text as a number",
        ["076-runs-log-metric-no-timestamp"] = "a metric without a time",
        ["077-runs-log-metric-run-uuid-only"] = "a deprecated name",
        ["081-runs-log-metric-nan-literal"] = "no JSON",
        ["082-runs-log-metric-inf-literal"] = "no JSON",
        ["085-runs-log-metric-value-null"] = "a metric without a value",
        ["086-runs-log-metric-value-text"] = "a text as a number",
        ["087-runs-log-metric-bool"] = "a truth value as a number",
        ["100-runs-log-metric-step-too-big"] = "a step beyond 64 bits",
        ["102-runs-log-metric-step-float"] = "a broken number as a step",
        ["112-runs-log-parameter-number-value"] = "a number as a text",
        ["168-runs-update-status-number"] = "a status by its number",
        ["230-logged-models-finalize-no-body-id"] = "no id in the body",
        ["232-logged-models-finalize-status-number"] = "a status by its number",
        ["238-logged-models-log-params-no-body-id"] = "no id in the body",
    };

    private static IEnumerable<TestCaseData> Sent() => RecordedChecks.Cases(TrackingRoutes.All, e => !NotSent.ContainsKey(e.Name));

    private static IEnumerable<TestCaseData> Answered() => RecordedChecks.Cases(TrackingRoutes.All, e => e.IsSuccess);

    [TestCaseSource(nameof(Sent))]
    public Task A_request_is_the_recorded_one(RecordedExchange exchange)
        => RecordedChecks.RequestIsAsRecordedAsync(TrackingRoutes.All, exchange);

    [TestCaseSource(nameof(Answered))]
    public Task An_answer_is_read_with_all_that_is_in_it(RecordedExchange exchange)
        => RecordedChecks.AnswerIsReadAsync(TrackingRoutes.All, exchange, ArgumentsFor(exchange));

    [Test]
    public void What_is_not_sent_is_recorded_of_an_endpoint_that_the_client_has()
        => Assert.That(
            NotSent.Keys.Where(name => !TrackingRoutes.All.Any(route => route.Matches(RecordedExchange.Named(name)))), Is.Empty);

    [Test]
    public void Every_endpoint_of_the_client_was_recorded()
        => Assert.That(TrackingRoutes.All.Where(route => !RecordedExchange.All.Any(route.Matches)).Select(route => route.Template), Is.Empty);

    /// <summary>The recording itself, or where that cannot be made, one of the same endpoint that can.</summary>
    private static RecordedExchange ArgumentsFor(RecordedExchange exchange)
        => NotSent.ContainsKey(exchange.Name)
            ? RecordedExchange.All.First(
                other => !NotSent.ContainsKey(other.Name) && TrackingRoutes.All.Single(route => route.Matches(exchange)).Matches(other))
            : exchange;
}
