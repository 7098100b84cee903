using ModelTrack.Client.Backends.Rest;

namespace ModelTrack.Client.Tests.Connection;

internal sealed class AzureMlTests
{
    private const string Scope
        = "/subscriptions/0-1/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/lab";

    [TestCase($"azureml://westeurope.api.azureml.ms/mlflow/v1.0{Scope}", "https://westeurope.api.azureml.ms/mlflow/v1.0" + Scope)]
    [TestCase($"azureml://westeurope.api.azureml.ms/mlflow/v2.0{Scope}?", "https://westeurope.api.azureml.ms/mlflow/v2.0" + Scope)]
    [TestCase($"azureml://h.api.azureml.ms/history/v1.0{Scope}?is-remote=True", "https://h.api.azureml.ms/mlflow/v1.0" + Scope)]
    [TestCase($"azureml://h.api.azureml.ms{Scope}/", "https://h.api.azureml.ms/mlflow/v1.0" + Scope)]
    public void The_server_is_at_the_same_host_by_https(string uri, string server)
    {
        var parsed = TrackingUri.Parse(uri);

        Assert.That(parsed.Kind, Is.EqualTo(TrackingUriKind.Rest));
        Assert.That(parsed.Destination, Is.EqualTo(server));
    }

    [TestCase("azureml://experiments/lab")]
    [TestCase("azureml://")]
    [TestCase("azureml:x")]
    [TestCase($"azureml://ann:s3cret@h{Scope}")]
    public void What_names_no_workspace_is_refused_with_the_form(string uri)
        => Assert.That(
            () => TrackingUri.Parse(uri),
            Throws.ArgumentException.With.Message.Contains("/workspaces/<name>").And.Message.Not.Contains("s3cret"));

    [Test]
    public async Task It_takes_a_token_and_smaller_batches()
    {
        var options = new TrackerOptions { TokenProvider = (_, _) => new ValueTask<string>("given") };
        using var server = new TestConnection($"azureml://h{Scope}", options);

        Assert.That(await server.AuthorizationAsync(), Is.EqualTo("Bearer given"));
        Assert.That(new RestBackend(server.Connection, options, new TrackingEnvironment(_ => null)).Limits.Metrics, Is.EqualTo(250));
    }

    [TestCase($"azureml://h{Scope}")]
    [TestCase("https://h")]
    public void The_size_of_batches_is_what_the_options_say_if_they_do(string uri)
    {
        using var server = new TestConnection(uri, new TrackerOptions { Token = "t", MaxMetricsPerBatch = 100 });

        Assert.That(new RestBackend(server.Connection).Limits.Metrics, Is.EqualTo(100));
    }

    [Test]
    public async Task A_job_there_finds_its_token_in_the_environment()
    {
        using var server = new TestConnection(
            $"azureml://h{Scope}", variables: new() { ["MLFLOW_TRACKING_TOKEN"] = "t", ["MLFLOW_TRACKING_USERNAME"] = "a" });

        Assert.That(await server.AuthorizationAsync(), Is.EqualTo("Bearer t"));
    }

    [Test]
    public void Without_a_token_it_says_where_one_comes_from()
        => Assert.That(
            () => new TestConnection($"azureml://h{Scope}"),
            Throws.ArgumentException.With.Message.Contains("TokenProvider").And.Message.Contains("Azure.Identity"));
}
