using System.Security.Cryptography;
using ModelTrack.Client.Backends.Rest;

namespace ModelTrack.Client.Tests.Connection;

internal sealed class TlsTests
{
    private ListLogger _log = new();

    [SetUp]
    public void StartLog() => _log = new ListLogger();

    [Test]
    public async Task A_certificate_of_an_unknown_authority_is_refused_with_the_variable_that_helps()
    {
        using var authority = new TestAuthority();
        await using var server = new TlsServer(authority.SignServer());

        var e = Assert.ThrowsAsync<ModelTrackException>(() => GetAsync(server, new TrackerOptions()));

        Assert.That(e!.Message, Does.Contain("MLFLOW_TRACKING_SERVER_CERT_PATH").And.Contain("TrackerOptions.ServerCertificateAuthority"));
        Assert.That(server.Clients, Is.Empty);
    }

    [TestCase(true, false)]
    [TestCase(true, true)]
    [TestCase(false, false)]
    public async Task It_is_accepted_when_the_authority_is_named(bool byOption, bool asFolder)
    {
        using var folder = new ScratchFolder();
        using var authority = new TestAuthority();
        using var other = new TestAuthority();
        await using var server = new TlsServer(authority.SignServer());
        folder.Write("certificates/README", "No certificates here.");
        folder.Write("certificates/other.pem", other.Pem);
        var file = folder.Write("certificates/ca.pem", $"# {other.Pem}\n{authority.Pem}");
        var path = asFolder ? folder["certificates"] : file;

        await (byOption
            ? GetAsync(server, new TrackerOptions { ServerCertificateAuthority = path })
            : GetAsync(server, new TrackerOptions(), ("MLFLOW_TRACKING_SERVER_CERT_PATH", path)));

        Assert.That(server.Clients, Has.Count.EqualTo(1));
        Assert.That(_log.Warnings, Is.Empty);
    }

    [Test]
    public async Task Only_the_authorities_that_are_named_are_trusted()
    {
        using var folder = new ScratchFolder();
        using var authority = new TestAuthority();
        using var other = new TestAuthority();
        await using var server = new TlsServer(authority.SignServer());
        var options = new TrackerOptions { ServerCertificateAuthority = folder.Write("ca.pem", other.Pem) };

        Assert.ThrowsAsync<ModelTrackException>(() => GetAsync(server, options));

        Assert.That(server.Clients, Is.Empty);
    }

    [Test]
    public async Task A_certificate_for_another_host_is_refused_whoever_signed_it()
    {
        using var folder = new ScratchFolder();
        using var authority = new TestAuthority();
        await using var server = new TlsServer(authority.SignServer("other.example"));
        var options = new TrackerOptions { ServerCertificateAuthority = folder.Write("ca.pem", authority.Pem) };

        Assert.ThrowsAsync<ModelTrackException>(() => GetAsync(server, options));

        Assert.That(server.Clients, Is.Empty);
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Any_certificate_will_do_when_that_is_asked_for_with_a_warning(bool byOption)
    {
        using var authority = new TestAuthority();
        await using var server = new TlsServer(authority.SignServer("other.example"));

        await (byOption
            ? GetAsync(server, new TrackerOptions { AllowInsecureTls = true })
            : GetAsync(server, new TrackerOptions(), ("MLFLOW_TRACKING_INSECURE_TLS", "true")));

        Assert.That(server.Clients, Has.Count.EqualTo(1));
        Assert.That(_log.Warnings, Has.Count.EqualTo(1).And.One.Contains("not checked"));
    }

    [Test]
    public async Task False_in_the_options_overrules_the_variable()
    {
        using var authority = new TestAuthority();
        await using var server = new TlsServer(authority.SignServer());

        Assert.ThrowsAsync<ModelTrackException>(
            () => GetAsync(server, new TrackerOptions { AllowInsecureTls = false }, ("MLFLOW_TRACKING_INSECURE_TLS", "true")));
    }

    [Test]
    public async Task An_authority_in_the_options_overrules_the_variable_that_trusts_everybody()
    {
        using var folder = new ScratchFolder();
        using var authority = new TestAuthority();
        await using var server = new TlsServer(authority.SignServer("other.example"));
        var options = new TrackerOptions { ServerCertificateAuthority = folder.Write("ca.pem", authority.Pem) };

        Assert.ThrowsAsync<ModelTrackException>(() => GetAsync(server, options, ("MLFLOW_TRACKING_INSECURE_TLS", "true")));
    }

    [Test]
    public void Trusting_everybody_and_somebody_contradict_each_other()
        => Assert.That(
            () => TlsSettings.From(
                new TrackerOptions(), Variables(("MLFLOW_TRACKING_INSECURE_TLS", "1"), ("MLFLOW_TRACKING_SERVER_CERT_PATH", "ca.pem"))),
            Throws.ArgumentException.With.Message.Contains("MLFLOW_TRACKING_INSECURE_TLS")
                .And.Message.Contains("MLFLOW_TRACKING_SERVER_CERT_PATH"));

    [Test]
    public async Task Another_origin_is_met_with_the_systems_rules_and_shown_no_certificate()
    {
        using var folder = new ScratchFolder();
        using var authority = new TestAuthority();
        await using var server = new TlsServer(authority.SignServer());
        await using var storage = new TlsServer(authority.SignServer());
        var options = new TrackerOptions
        {
            AllowInsecureTls = true,
            ClientCertificatePath = folder.Write("me.pem", authority.SignClientPem()),
        };

        Assert.ThrowsAsync<ModelTrackException>(() => GetAsync(server, options, url: storage.Url));

        Assert.That(storage.Clients, Is.Empty);
    }

    [TestCase("path")]
    [TestCase("variable")]
    [TestCase("certificate")]
    public async Task The_client_shows_its_certificate(string way)
    {
        using var folder = new ScratchFolder();
        using var authority = new TestAuthority();
        await using var server = new TlsServer(authority.SignServer());
        var path = folder.Write("me.pem", authority.SignClientPem());
        using var certificate = authority.SignClient(out var key);
        key.Dispose();
        var options = new TrackerOptions
        {
            ServerCertificateAuthority = folder.Write("ca.pem", authority.Pem),
            ClientCertificatePath = way == "path" ? path : null,
            ClientCertificate = way == "certificate" ? certificate : null,
        };

        await (way == "variable" ? GetAsync(server, options, ("MLFLOW_TRACKING_CLIENT_CERT_PATH", path)) : GetAsync(server, options));

        Assert.That(server.Clients, Is.EqualTo(new[] { "CN=client" }));
    }

    [Test]
    public async Task Without_one_it_shows_none()
    {
        using var folder = new ScratchFolder();
        using var authority = new TestAuthority();
        await using var server = new TlsServer(authority.SignServer());

        await GetAsync(server, new TrackerOptions { ServerCertificateAuthority = folder.Write("ca.pem", authority.Pem) });

        Assert.That(server.Clients, Is.EqualTo(new string?[] { null }));
    }

    [TestCase("MLFLOW_TRACKING_SERVER_CERT_PATH", null)]
    [TestCase("MLFLOW_TRACKING_SERVER_CERT_PATH", "no certificate")]
    [TestCase("MLFLOW_TRACKING_CLIENT_CERT_PATH", null)]
    [TestCase("MLFLOW_TRACKING_CLIENT_CERT_PATH", "no certificate")]
    public void A_file_that_is_not_what_it_should_be_is_named_with_its_variable(string variable, string? text)
    {
        using var folder = new ScratchFolder();
        var path = text is null ? folder["missing.pem"] : folder.Write("wrong.pem", text);

        Assert.That(
            () => TlsSettings.From(new TrackerOptions(), Variables((variable, path))),
            Throws.ArgumentException.With.Message.Contains(variable).And.Message.Contains("PEM").And.Message.Contains(Path.GetFileName(path)));
    }

    [Test]
    public void A_client_certificate_needs_an_open_key()
    {
        using var folder = new ScratchFolder();
        using var authority = new TestAuthority();
        using var certificate = authority.SignClient(out var key);
        var encrypted = key.ExportEncryptedPkcs8PrivateKeyPem(
            "s3cret", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000));
        key.Dispose();
        var path = folder.Write("me.pem", $"{certificate.ExportCertificatePem()}\n{encrypted}");

        Assert.That(
            () => TlsSettings.From(new TrackerOptions { ClientCertificatePath = path }, Variables()),
            Throws.ArgumentException.With.Message.Contains("TrackerOptions.ClientCertificatePath").And.Message.Contains("not be encrypted"));
    }

    private static TrackingEnvironment Variables(params (string Name, string Value)[] variables)
        => new(variables.ToDictionary(variable => variable.Name, variable => variable.Value).GetValueOrDefault);

    private Task GetAsync(TlsServer server, TrackerOptions options, params (string Name, string Value)[] variables)
        => GetAsync(server, options, server.Url, variables);

    private async Task GetAsync(TlsServer server, TrackerOptions options, string url, params (string Name, string Value)[] variables)
    {
        options.LoggerFactory = new ListLoggerFactory(_log);
        using var sender = new RestSender(ServerConnection.Open(TrackingUri.Parse(server.Url), options.Checked(), Variables(variables)));
        using var response = await sender.SendAsync(
            () => new HttpRequestMessage(HttpMethod.Get, url + "/health"), mayRepeat: true, CancellationToken.None);
        Assert.That(response.IsSuccessStatusCode);
    }
}
