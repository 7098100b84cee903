namespace ModelTrack.Client.Tests.Connection;

internal sealed class DatabricksTests
{
    private const string File = """
        [DEFAULT]
        host = https://default.example
        token = default%token

        [lab]
        host = lab.example/
        token = lab-token

        [old]
        host = https://old.example/path?o=1
        username = ann
        password = pw

        [oauth]
        host = https://oauth.example
        client_id = id
        client_secret = s3cret

        [nohost]
        token = s3cret
        """;

    [TestCase("databricks", "https://default.example/", "Bearer default%token")]
    [TestCase("databricks", "https://e.example/", "Bearer e", "DATABRICKS_HOST=https://e.example/", "DATABRICKS_TOKEN=e")]
    [TestCase("databricks", "https://lab.example/", "Bearer lab-token", "DATABRICKS_CONFIG_PROFILE=lab")]
    [TestCase("databricks", "https://lab.example/", "Bearer mine", "DATABRICKS_CONFIG_PROFILE=lab", "DATABRICKS_TOKEN=mine")]
    [TestCase("databricks", "https://lab.example/", "Bearer lab-token", "DATABRICKS_CONFIG_PROFILE=lab", "DATABRICKS_HOST=lab.example")]
    [TestCase("databricks://lab", "https://lab.example/", "Bearer lab-token", "DATABRICKS_HOST=https://e.example", "DATABRICKS_TOKEN=e")]
    [TestCase("databricks://old/", "https://old.example/", "Basic YW5uOnB3")]
    public async Task Host_and_token_come_from_the_environment_or_a_profile(
        string uri, string host, string authorization, params string[] variables)
    {
        using var home = new ScratchFolder();
        home.Write(".databrickscfg", File);

        using var server = new TestConnection(uri, null, Of(variables), home.Path);

        Assert.That(server.Connection.BaseUri.AbsoluteUri, Is.EqualTo(host));
        Assert.That(server.Connection.Destination, Is.EqualTo(host.TrimEnd('/')));
        Assert.That(await server.AuthorizationAsync(), Is.EqualTo(authorization));
        Assert.That(server.Connection.MaxMetricsPerBatch, Is.EqualTo(1000));
    }

    [TestCase("databricks://missing", "[missing]")]
    [TestCase("databricks://nohost", "no host")]
    [TestCase("databricks://oauth", "TokenProvider")]
    [TestCase("databricks", "not there", "DATABRICKS_CONFIG_PROFILE=gone")]
    [TestCase("databricks", "no host", "DATABRICKS_TOKEN=s3cret")]
    [TestCase("databricks", "no token", "DATABRICKS_HOST=https://e.example")]
    [TestCase("databricks", "must be", "DATABRICKS_HOST=https://ann:s3cret@e.example", "DATABRICKS_TOKEN=t")]
    [TestCase("databricks", "no token", "DATABRICKS_CONFIG_PROFILE=lab", "DATABRICKS_HOST=https://other.example")]
    [TestCase("databricks", "DATABRICKS_HOST", "DATABRICKS_CONFIG_FILE=/nowhere/at/all")]
    public void What_is_missing_is_said_and_no_secret(string uri, string message, params string[] variables)
    {
        using var home = new ScratchFolder();
        home.Write(".databrickscfg", File);

        Assert.That(
            () => new TestConnection(uri, null, Of(variables), home.Path),
            Throws.ArgumentException.With.Message.Contains(message).And.Message.Not.Contains("s3cret"));
    }

    [Test]
    public async Task Options_bring_credentials_to_the_host_of_the_configuration()
    {
        using var home = new ScratchFolder();
        home.Write(".databrickscfg", File);
        Uri? askedFor = null;
        var options = new TrackerOptions
        {
            TokenProvider = (request, _) =>
            {
                askedFor = request.Server;
                return new ValueTask<string>("given");
            },
        };

        using var server = new TestConnection("databricks://oauth", options, home: home.Path);

        Assert.That(await server.AuthorizationAsync(), Is.EqualTo("Bearer given"));
        Assert.That(askedFor, Is.EqualTo(new Uri("https://oauth.example")));
    }

    [Test]
    public async Task Another_file_can_be_named_also_in_the_users_folder()
    {
        using var home = new ScratchFolder();
        home.Write("other.cfg", "[__settings__]\ndefault_profile = b\n[b]\nhost = https://b.example\ntoken = b-token");

        using var server = new TestConnection("databricks", null, Of("DATABRICKS_CONFIG_FILE=~/other.cfg"), home.Path);

        Assert.That(server.Connection.BaseUri.Host, Is.EqualTo("b.example"));
        Assert.That(await server.AuthorizationAsync(), Is.EqualTo("Bearer b-token"));
    }

    [Test]
    public void The_token_of_MLflow_is_not_for_Databricks()
        => Assert.That(
            () => new TestConnection("databricks", null, Of("DATABRICKS_HOST=https://e.example", "MLFLOW_TRACKING_TOKEN=t")),
            Throws.ArgumentException.With.Message.Contains("no token"));

    private static Dictionary<string, string> Of(params string[] variables)
        => variables.Select(variable => variable.Split('=', 2)).ToDictionary(parts => parts[0], parts => parts[1]);
}
