namespace ModelTrack.Client.Tests.Artifacts;

internal sealed class ProxyLocationTests
{
    private const string Path = "api/2.0/mlflow-artifacts";

    // MLflow's own resolution, case by case (mlflow_artifacts_repo.py).
    [TestCase("http://t:5000", "mlflow-artifacts:/a/b", $"http://t:5000/{Path}/artifacts/a/b")]
    [TestCase("http://t:5000/", "mlflow-artifacts:/a/b", $"http://t:5000/{Path}/artifacts/a/b")]
    [TestCase("https://t", "mlflow-artifacts:/a/b", $"https://t/{Path}/artifacts/a/b")]
    [TestCase("http://t/base/path", "mlflow-artifacts:/a/b", $"http://t/base/path/{Path}/artifacts/a/b")]
    [TestCase("http://t/base", "mlflow-artifacts://h:8080/a", $"http://h:8080/base/{Path}/artifacts/a")]
    [TestCase("https://t", "mlflow-artifacts://h/a", $"https://h/{Path}/artifacts/a")]
    [TestCase("http://t", "mlflow-artifacts://h:8080", $"http://h:8080/{Path}/artifacts/")]
    [TestCase("http://t", "mlflow-artifacts:/", $"http://t/{Path}/artifacts/")]
    [TestCase("http://t/base", "mlflow-artifacts:/", $"http://t/{Path}/artifacts/")]
    [TestCase("http://t/base", "mlflow-artifacts://h/", $"http://h/{Path}/artifacts/")]
    [TestCase("http://t/base", $"mlflow-artifacts:/{Path}/artifacts", $"http://t/{Path}/artifacts/")]
    [TestCase("http://t", "mlflow-artifacts:/a//b///c/", $"http://t/{Path}/artifacts/a/b/c")]
    [TestCase("http://t", "mlflow-artifacts:a/b", $"http://t/{Path}/artifacts/a/b")]
    [TestCase("http://t", "mlflow-artifacts:/a/b?x=1#y", $"http://t/{Path}/artifacts/a/b")]
    [TestCase("http://t", "mlflow-artifacts:/my exp/é", $"http://t/{Path}/artifacts/my%20exp/%C3%A9")]
    [TestCase("http://t", "mlflow-artifacts:/my%20exp/a", $"http://t/{Path}/artifacts/my%20exp/a")]
    [TestCase("http://t", "mlflow-artifacts://alice:s3cr3t@h/a", $"http://h/{Path}/artifacts/a")]
    public void An_artifact_uri_is_resolved_as_MLflow_does(string tracking, string uri, string expected)
        => Assert.That(ProxyLocation.Resolve(uri, new Uri(tracking)).UriOf("artifacts", "").AbsoluteUri, Is.EqualTo(expected));

    [TestCase("http://h:81/api/2.0/mlflow-artifacts/artifacts/1/r", "http://h:81/api/2.0/mlflow-artifacts/artifacts/1/r/x")]
    [TestCase("https://h/p/api/2.0/mlflow-artifacts/artifacts", "https://h/p/api/2.0/mlflow-artifacts/artifacts/x")]
    [TestCase("https://h/ajax-api/2.0/mlflow-artifacts/artifacts/1", "https://h/ajax-api/2.0/mlflow-artifacts/artifacts/1/x")]
    public void An_address_of_an_artifact_service_is_taken_as_it_is(string uri, string expected)
        => Assert.That(ProxyLocation.Find(uri)!.UriOf("artifacts", "x").AbsoluteUri, Is.EqualTo(expected));

    [TestCase("https://h/data/1/r/artifacts")]
    [TestCase("https://h/api/2.0/mlflow-artifacts/artifactsome")]
    public void Another_address_is_no_artifact_service(string uri) => Assert.That(ProxyLocation.Find(uri), Is.Null);

    [Test]
    public void The_other_routes_stand_beside_the_files()
    {
        var location = ProxyLocation.Resolve("mlflow-artifacts:/1/r", new Uri("http://t/base"));

        Assert.That(location.UriOf("mpu/create", "a b").AbsoluteUri, Is.EqualTo("http://t/base/api/2.0/mlflow-artifacts/mpu/create/1/r/a%20b"));
        Assert.That(location.UriOf("presigned", "a").AbsoluteUri, Is.EqualTo("http://t/base/api/2.0/mlflow-artifacts/presigned/1/r/a"));
    }

    [TestCase("a b/ü+&?=;,@%zz.txt", "a%20b/%C3%BC%2B%26%3F%3D%3B%2C%40%25zz.txt")]
    [TestCase("100%", "100%25")]
    [TestCase("a%2541%20b", "aA%20b")] // As the service stores it, however often it decodes.
    public void A_name_is_escaped_for_the_address(string path, string expected)
        => Assert.That(
            ProxyLocation.Resolve("mlflow-artifacts:/1", new Uri("http://t")).UriOf("artifacts", path).AbsoluteUri,
            Is.EqualTo($"http://t/{Path}/artifacts/1/{expected}"));

    [TestCase("mlflow-artifacts://5000/a", "port")]
    [TestCase("mlflow-artifacts:/../../../api/2.0/mlflow/runs", "part \"..\"")]
    [TestCase("mlflow-artifacts:/a/%2e%2e/%2e%2e/b", "part \"..\"")]
    [TestCase("mlflow-artifacts:/a/%252e%252e%252fb", "part \"..\"")]
    [TestCase("mlflow-artifacts:/a\\..\\b", "'\\'")]
    [TestCase("mlflow-artifacts:/a%00", "U+0000")]
    [TestCase("mlflow-artifacts://a b/c", "address")]
    public void A_location_that_leads_elsewhere_is_refused(string uri, string reason)
        => Assert.That(() => ProxyLocation.Resolve(uri, new Uri("http://t")), Throws.TypeOf<ModelTrackException>().With.Message.Contains(reason));
}
