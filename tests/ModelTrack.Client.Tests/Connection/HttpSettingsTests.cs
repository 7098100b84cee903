namespace ModelTrack.Client.Tests.Connection;

internal sealed class HttpSettingsTests
{
    [Test]
    public void Nothing_set_leaves_the_defaults() => Assert.That(From(), Is.EqualTo(new HttpSettings()));

    [Test]
    public void Each_variable_is_obeyed()
    {
        var settings = From(
            ("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "10"),
            ("MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR", "2"),
            ("MLFLOW_HTTP_REQUEST_BACKOFF_JITTER", "1.5"),
            ("MLFLOW_HTTP_REQUEST_TIMEOUT", "30"),
            ("MLFLOW_HTTP_RESPECT_RETRY_AFTER_HEADER", "false"),
            ("MLFLOW_ALLOW_HTTP_REDIRECTS", "0"),
            ("MLFLOW_HTTP_POOL_CONNECTIONS", "5"),
            ("MLFLOW_HTTP_POOL_MAXSIZE", "7"),
            ("MLFLOW_HTTP_TCP_KEEPALIVE_IDLE", "60"),
            ("MLFLOW_HTTP_TCP_KEEPALIVE_INTERVAL", "20"),
            ("MLFLOW_HTTP_TCP_KEEPALIVE_COUNT", "5"));

        Assert.That(settings, Is.EqualTo(new HttpSettings
        {
            Retries = 10,
            FirstDelay = TimeSpan.FromSeconds(2),
            LongestDelay = TimeSpan.FromSeconds(120),
            Jitter = TimeSpan.FromSeconds(1.5),
            RequestTimeout = TimeSpan.FromSeconds(30),
            RespectsRetryAfter = false,
            FollowsRedirects = false,
            MaxConnections = 7,
            KeepAlive = new TcpKeepAlive { IdleSeconds = 60, IntervalSeconds = 20, Count = 5 },
        }));
    }

    [Test]
    public void Keep_alive_can_be_turned_off() => Assert.That(From(("MLFLOW_HTTP_TCP_KEEPALIVE", "false")).KeepAlive, Is.Null);

    [Test]
    public void Options_come_first()
    {
        var options = new TrackerOptions { MaxRetries = 0, RequestTimeout = TimeSpan.FromSeconds(7) };
        var settings = HttpSettings.From(options, Variables(("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "5"), ("MLFLOW_HTTP_REQUEST_TIMEOUT", "9")));

        Assert.That(settings.Retries, Is.Zero);
        Assert.That(settings.RequestTimeout, Is.EqualTo(TimeSpan.FromSeconds(7)));
    }

    [TestCase("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "11", "from 0 to 10")]
    [TestCase("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "-1", "from 0 to 10")]
    [TestCase("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2.5", "a whole number")]
    [TestCase("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "many", "a whole number")]
    [TestCase("MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR", "120", "less than 120")]
    [TestCase("MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR", "-1", "0 or more")]
    [TestCase("MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR", "1,5", "a number of seconds")]
    [TestCase("MLFLOW_HTTP_REQUEST_BACKOFF_JITTER", "NaN", "from 0 to 120")]
    [TestCase("MLFLOW_HTTP_REQUEST_TIMEOUT", "0", "from 0.001")]
    [TestCase("MLFLOW_HTTP_REQUEST_TIMEOUT", "Infinity", "to 864000")]
    [TestCase("MLFLOW_HTTP_RESPECT_RETRY_AFTER_HEADER", "yes", "true, false, 1 or 0")]
    [TestCase("MLFLOW_ALLOW_HTTP_REDIRECTS", "on", "true, false, 1 or 0")]
    [TestCase("MLFLOW_HTTP_POOL_CONNECTIONS", "0", "1 or more")]
    [TestCase("MLFLOW_HTTP_POOL_MAXSIZE", "0", "1 or more")]
    [TestCase("MLFLOW_HTTP_TCP_KEEPALIVE", "", null)]
    [TestCase("MLFLOW_HTTP_TCP_KEEPALIVE", "perhaps", "true, false, 1 or 0")]
    [TestCase("MLFLOW_HTTP_TCP_KEEPALIVE_IDLE", "0", "from 1 to 32767")]
    public void A_wrong_value_is_named_with_its_variable_and_the_rule(string variable, string value, string? rule)
    {
        if (rule is null)
        {
            Assert.That(() => From((variable, value)), Throws.Nothing, "empty counts as unset");
            return;
        }

        Assert.That(
            () => From((variable, value)),
            Throws.ArgumentException.With.Message.Contains(variable).And.Message.Contains(rule).And.Message.Contains($"\"{value}\""));
    }

    private static HttpSettings From(params (string Name, string Value)[] variables)
        => HttpSettings.From(new TrackerOptions(), Variables(variables));

    private static TrackingEnvironment Variables(params (string Name, string Value)[] variables)
        => new(variables.ToDictionary(variable => variable.Name, variable => variable.Value).GetValueOrDefault);
}
