using ModelTrack.Client.Tests.Backends.Rest.Recording;

namespace ModelTrack.Client.Tests.Backends.Rest;

/// <summary>No recording is left out in silence.</summary>
[TestFixture]
internal sealed class RecordingCoverageTests
{
    /// <summary>Recordings of what this client does not call, and why.</summary>
    private static readonly Dictionary<string, string> NotCalled = new()
    {
        ["004-server-info-2.0"] = "not there in any version",
        ["005-unknown-api-path"] = "an error only",
        ["006-unknown-path"] = "an error only",
        ["007-wrong-method"] = "an error only",
        ["031-experiments-search-get"] = "the same by POST",
        ["040-experiments-list-removed"] = "removed in MLflow 2.0",
        ["164-metrics-get-history-bulk-interval-ajax"] = "the same without ajax",
        ["257-experiments-search-datasets"] = "for MLflow's own pages",
        ["258-experiments-search-datasets-ajax"] = "for MLflow's own pages",
        ["296-artifacts-presigned-upload-url"] = "not in a released version",
        ["366-prompts-create-registered-model"] = "prompts",
        ["367-prompts-create-version"] = "prompts",
        ["368-prompts-get-version"] = "prompts",
        ["369-prompts-search"] = "prompts",
        ["370-registered-models-search-hides-prompts"] = "prompts",
        ["371-webhooks-create"] = "webhooks",
        ["372-webhooks-list"] = "webhooks",
        ["382-auth-users-create"] = "administration",
        ["399-s3-artifacts-presigned-upload-url"] = "not in a released version",
    };

    /// <summary>Tested where their endpoints are: the model registry, the artifact proxy.</summary>
    private static readonly string[] TestedElsewhere =
    [
        "/api/2.0/mlflow/registered-models/", "/api/2.0/mlflow/model-versions/", "/api/2.0/mlflow-artifacts/",
    ];

    [Test]
    public void All_403_recordings_are_there() => Assert.That(RecordedExchange.All, Has.Count.EqualTo(403));

    [Test]
    public void Every_recording_belongs_to_an_endpoint_or_is_named_here()
    {
        var left = RecordedExchange.All
            .Where(e => !TrackingRoutes.All.Any(route => route.Matches(e)))
            .Where(e => !TestedElsewhere.Any(prefix => e.Route.StartsWith(prefix, StringComparison.Ordinal)))
            .Where(e => !NotCalled.ContainsKey(e.Name));
        Assert.That(left.Select(e => $"{e.Name}: {e.Method} {e.Route}"), Is.Empty);
    }

    [Test]
    public void What_is_named_as_not_called_is_not()
        => Assert.That(NotCalled.Keys.Where(name => TrackingRoutes.All.Any(route => route.Matches(RecordedExchange.Named(name)))), Is.Empty);
}
