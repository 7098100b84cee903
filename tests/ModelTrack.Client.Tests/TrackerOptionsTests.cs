using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace ModelTrack.Client.Tests;

internal sealed class TrackerOptionsTests
{
    private static IEnumerable<TestCaseData> Wrong()
    {
        yield return Case("UserName", new() { UserName = "s3:cret" });
        yield return Case("UserName", new() { UserName = " " });
        yield return Case("Password", new() { UserName = "a", Password = "s3\ncret" });
        yield return Case("Token", new() { Token = "s3 cret" });
        yield return Case("Token", new() { Token = "" });
        yield return Case("TokenProvider", new() { Token = "s3cret", UserName = "ann" });
        yield return Case("TokenProvider", new() { Token = "s3cret", TokenProvider = (_, _) => new("x") });
        yield return Case("TokenProvider", new() { Password = "s3cret", TokenProvider = (_, _) => new("x") });
        yield return Case("Workspace", new() { Workspace = "a b" });
        yield return Case("ServerCertificateAuthority", new() { ServerCertificateAuthority = "" });
        yield return Case("ClientCertificatePath", new() { ClientCertificatePath = " " });
        yield return Case("AllowInsecureTls", new() { AllowInsecureTls = true, ServerCertificateAuthority = "ca.pem" });
        yield return Case("RequestTimeout", new() { RequestTimeout = TimeSpan.Zero });
        yield return Case("RequestTimeout", new() { RequestTimeout = TimeSpan.FromDays(11) });
        yield return Case("MaxRetries", new() { MaxRetries = 11 });
        yield return Case("MaxRetries", new() { MaxRetries = -1 });
        yield return Case("MaxMetricsPerBatch", new() { MaxMetricsPerBatch = 0 });
        yield return Case("MaxMetricsPerBatch", new() { MaxMetricsPerBatch = 1001 });

        static TestCaseData Case(string option, TrackerOptions options) => new(option, options);
    }

    [TestCaseSource(nameof(Wrong))]
    public void A_wrong_option_is_named_and_no_secret_is_shown(string option, object options)
        => Assert.That(
            () => ((TrackerOptions)options).Checked(),
            Throws.ArgumentException.With.Message.Contains($"TrackerOptions.{option} must be").And.Message.Not.Contains("s3"));

    [Test]
    public void What_is_right_passes() => Assert.That(
        () => new TrackerOptions
        {
            UserName = "ann",
            Password = "p w:%",
            Workspace = "team-a",
            AllowInsecureTls = false,
            ServerCertificateAuthority = "ca.pem",
            RequestTimeout = Timeout.InfiniteTimeSpan,
            MaxRetries = 10,
            MaxMetricsPerBatch = 1000,
        }.Checked(),
        Throws.Nothing);

    [Test]
    public void A_client_certificate_comes_once_and_with_its_key()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var whole = new CertificateRequest("CN=me", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
        using var open = X509Certificate2.CreateFromPem(whole.ExportCertificatePem());

        Assert.That(
            () => new TrackerOptions { ClientCertificate = open }.Checked(), Throws.ArgumentException.With.Message.Contains("private key"));
        Assert.That(
            () => new TrackerOptions { ClientCertificate = whole, ClientCertificatePath = "x.pem" }.Checked(),
            Throws.ArgumentException.With.Message.Contains("ClientCertificatePath"));
        Assert.That(() => new TrackerOptions { ClientCertificate = whole }.Checked(), Throws.Nothing);
    }

    [Test]
    public void Written_as_JSON_they_have_no_secret()
    {
        var options = new TrackerOptions { Token = "s3cret", Password = "s3cret", UserName = "ann", TokenProvider = (_, _) => new("s3cret") };

        Assert.That(JsonSerializer.Serialize(options), Does.Contain("ann").And.Not.Contain("s3cret"));
    }
}
