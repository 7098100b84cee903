namespace ModelTrack.Client.Tests.Context;

internal sealed class TrackingEnvironmentTests
{
    [Test]
    public void Each_variable_is_read()
    {
        var environment = new TrackingEnvironment(name => name);

        Assert.That(environment.TrackingUri, Is.EqualTo("MLFLOW_TRACKING_URI"));
        Assert.That(environment.TrackingDirectory, Is.EqualTo("MLFLOW_TRACKING_DIR"));
        Assert.That(environment.ExperimentName, Is.EqualTo("MLFLOW_EXPERIMENT_NAME"));
        Assert.That(environment.ExperimentId, Is.EqualTo("MLFLOW_EXPERIMENT_ID"));
        Assert.That(environment.RunId, Is.EqualTo("MLFLOW_RUN_ID"));
        Assert.That(environment.RunContext, Is.EqualTo("MLFLOW_RUN_CONTEXT"));
        Assert.That(environment.JournalDirectory, Is.EqualTo("MODELTRACK_JOURNAL_DIR"));
        Assert.That(environment.UserName, Is.EqualTo("MLFLOW_TRACKING_USERNAME"));
    }

    [Test]
    public void An_empty_variable_is_not_set()
    {
        var environment = new TrackingEnvironment(_ => "");

        Assert.That(environment.TrackingUri, Is.Null);
        Assert.That(environment.RunId, Is.Null);
        Assert.That(environment.TakeRunId(), Is.Null);
    }

    [Test]
    public void The_run_id_is_used_up_by_the_first_who_takes_it()
    {
        var variables = new Dictionary<string, string> { ["MLFLOW_RUN_ID"] = "abc" };
        var environment = new TrackingEnvironment(variables.GetValueOrDefault, name => variables.Remove(name));

        Assert.That(environment.TakeRunId(), Is.EqualTo("abc"));
        Assert.That(environment.TakeRunId(), Is.Null);
        Assert.That(variables, Is.Empty);
    }
}
