using System.Text;

namespace ModelTrack.Client.Tests.Connection;

internal sealed class CredentialSourcesTests
{
    private const string Server = "https://h";

    private static readonly string[] Everything
        = ["MLFLOW_TRACKING_USERNAME=env-ann", "MLFLOW_TRACKING_PASSWORD=env-pw", "MLFLOW_TRACKING_TOKEN=env-token"];

    private static IEnumerable<TestCaseData> Precedence()
    {
        yield return Case("Nobody says anything", Server, null, null, null);
        yield return Case("A token in the environment", Server, null, "Bearer t", null, "MLFLOW_TRACKING_TOKEN=t");
        yield return Case("White space around a token", Server, null, "Bearer t", null, "MLFLOW_TRACKING_TOKEN= t\n");
        yield return Case("Name and password win over the token", Server, null, Basic("env-ann", "env-pw"), null, Everything);
        yield return Case(
                "A name alone leaves the token",
                Server, null, "Bearer t", null, "MLFLOW_TRACKING_USERNAME=ann", "MLFLOW_TRACKING_TOKEN=t");
        yield return Case(
                "A password alone leaves the token",
                Server, null, "Bearer t", null, "MLFLOW_TRACKING_PASSWORD=p", "MLFLOW_TRACKING_TOKEN=t");
        yield return Case("The file", Server, null, Basic("file-ann", "file-pw"), "file-ann:file-pw");
        yield return Case(
                "The file wins over the token",
                Server, null, Basic("file-ann", "file-pw"), "file-ann:file-pw", "MLFLOW_TRACKING_TOKEN=t");
        yield return Case(
                "A variable wins over its own field of the file",
                Server, null, Basic("ann", "file-pw"), "file-ann:file-pw", "MLFLOW_TRACKING_USERNAME=ann");
        yield return Case("The other field too", Server, null, Basic("file-ann", "pw"), "file-ann:file-pw", "MLFLOW_TRACKING_PASSWORD=pw");
        yield return Case("The URI wins over the environment", "https://ann:p%40w@h", null, Basic("ann", "p@w"), "f:f", Everything);
        yield return Case(
                "A name in the URI takes the environment's password",
                "https://ann@h", null, Basic("ann", "env-pw"), null, Everything);
        yield return Case("A name in the URI alone leaves the token", "https://ann@h", null, "Bearer t", null, "MLFLOW_TRACKING_TOKEN=t");
        yield return Case(
                "Options win over all",
                "https://a:b@h", new() { UserName = "opt", Password = "opt-pw" }, Basic("opt", "opt-pw"), "f:f", Everything);
        yield return Case(
                "A name in the options takes the environment's password",
                Server, new() { UserName = "opt" }, Basic("opt", "env-pw"), null, Everything);
        yield return Case(
                "A password in the options takes the file's name",
                Server, new() { Password = "opt-pw" }, Basic("file-ann", "opt-pw"), "file-ann:file-pw");
        yield return Case(
                "A password in the options may be empty",
                Server, new() { UserName = "key", Password = "" }, Basic("key", ""), null);
        yield return Case(
                "A token in the options wins over names",
                "https://a:b@h", new() { Token = "opt-token" }, "Bearer opt-token", "f:f", Everything);
        yield return Case(
                "A provider wins over all",
                "https://a:b@h", new() { TokenProvider = (_, _) => new("given") }, "Bearer given", "f:f", Everything);
        yield return Case(
                "Characters beyond ASCII go as UTF-8",
                Server, new() { UserName = "änn", Password = "пароль" }, Basic("änn", "пароль"), null);
    }

    [TestCaseSource(nameof(Precedence))]
    public async Task Credentials_have_an_order(string uri, object? options, string? expected, string? file, string[] variables)
    {
        using var home = new ScratchFolder();
        if (file?.Split(':') is [var name, var password])
        {
            home.Write(".mlflow/credentials", $"[mlflow]\nmlflow_tracking_username = {name}\nmlflow_tracking_password = {password}\n");
        }

        using var server = new TestConnection(
            uri,
            (TrackerOptions?)options,
            variables.Select(variable => variable.Split('=', 2)).ToDictionary(parts => parts[0], parts => parts[1]),
            home.Path);

        Assert.That(await server.AuthorizationAsync(), Is.EqualTo(expected));
    }

    [Test]
    public void Half_of_a_pair_in_the_options_is_an_error_that_shows_nothing()
    {
        Assert.That(
            () => new TestConnection(Server, new TrackerOptions { UserName = "s3cret" }),
            Throws.ArgumentException.With.Message.Contains("TrackerOptions.UserName").And.Message.Not.Contains("s3cret"));
        Assert.That(
            () => new TestConnection(Server, new TrackerOptions { Password = "s3cret" }),
            Throws.ArgumentException.With.Message.Contains("Password").And.Message.Not.Contains("s3cret"));
    }

    [Test]
    public void A_token_that_no_header_can_hold_is_refused_without_being_shown()
        => Assert.That(
            () => new TestConnection(Server, variables: new() { ["MLFLOW_TRACKING_TOKEN"] = "s3\ncret" }),
            Throws.ArgumentException.With.Message.Contains("MLFLOW_TRACKING_TOKEN").And.Message.Not.Contains("s3"));

    [TestCase("MLFLOW_TRACKING_AWS_SIGV4", "true", "aws-sigv4-proxy")]
    [TestCase("MLFLOW_TRACKING_AUTH", "my-plugin", "TokenProvider")]
    public async Task Ways_that_are_not_known_are_refused_with_another_way(string variable, string value, string advice)
    {
        Dictionary<string, string> variables = new() { [variable] = value, ["MLFLOW_TRACKING_TOKEN"] = "t" };

        Assert.That(
            () => new TestConnection(Server, variables: variables),
            Throws.TypeOf<NotSupportedException>().With.Message.Contains(variable).And.Message.Contains(advice));

        using var chosen = new TestConnection(Server, new TrackerOptions { Token = "mine" }, variables);
        Assert.That(await chosen.AuthorizationAsync(), Is.EqualTo("Bearer mine"), "who sets an option has chosen");
    }

    [Test]
    public async Task Signing_that_is_turned_off_is_no_matter()
    {
        using var server = new TestConnection(
            Server, variables: new() { ["MLFLOW_TRACKING_AWS_SIGV4"] = "False", ["MLFLOW_TRACKING_TOKEN"] = "t" });

        Assert.That(await server.AuthorizationAsync(), Is.EqualTo("Bearer t"));
    }

    [Test]
    public async Task A_file_that_is_not_needed_is_not_read()
    {
        using var home = new ScratchFolder();
        home.Write(".mlflow/credentials", "no section\n");
        using var server = new TestConnection(Server, new TrackerOptions { UserName = "a", Password = "b" }, home: home.Path);

        Assert.That(await server.AuthorizationAsync(), Is.EqualTo(Basic("a", "b")));
    }

    [Test]
    public async Task A_file_that_may_not_be_read_is_left_out_with_a_warning()
    {
        using var home = new ScratchFolder();
        home.Write(".mlflow/credentials", "[mlflow]\n");
        using var held = new FileStream(home[".mlflow/credentials"], FileMode.Open, FileAccess.ReadWrite, FileShare.None);

        using var server = new TestConnection(Server, home: home.Path);

        Assert.That(await server.AuthorizationAsync(), Is.Null);
        Assert.That(server.Log.Warnings, Has.One.Contains("credentials"));
    }

    private static string Basic(string name, string password)
        => $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{name}:{password}"))}";

    private static TestCaseData Case(
        string name, string uri, TrackerOptions? options, string? expected, string? file, params string[] variables)
        => new TestCaseData(uri, options, expected, file, variables).SetName(name);
}
