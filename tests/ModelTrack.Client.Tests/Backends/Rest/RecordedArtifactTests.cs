using System.Text.Json.Nodes;
using ModelTrack.Client.Tests.Artifacts;

namespace ModelTrack.Client.Tests.Backends.Rest;

/// <summary>What is sent is what a real MLflow server was sent, and what it answered is understood.</summary>
internal sealed class RecordedArtifactTests
{
    private const string Run = RestKit.RunId;
    private const string S3Run = "74e7efa232634218b68ab6c62bc0568f";

    private ScratchFolder _folder = null!;

    [SetUp]
    public void SetUp() => _folder = new ScratchFolder();

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [TestCase("260-mlflow-artifacts-upload", "notes/hello.txt")]
    [TestCase("261-mlflow-artifacts-upload-no-ctype", "bin/data.bin")]
    [TestCase("262-mlflow-artifacts-upload-json", "conf/a.json")]
    [TestCase("263-mlflow-artifacts-upload-unicode", "notes/naïve file ✓+%.txt")]
    [TestCase("264-mlflow-artifacts-upload-empty", "empty.txt")]
    [TestCase("265-mlflow-artifacts-upload-overwrite", "notes/hello.txt")]
    [TestCase("282-mlflow-artifacts-upload-latin1", "notes/naïve.txt")]
    public async Task A_file_is_uploaded(string name, string path)
    {
        var recorded = RecordedExchange.Load(name);
        using var server = new ByteServer(recorded.ReplayAsync);
        using var kit = new RestKit(server.Address);

        await kit.Artifacts.UploadAsync(Run, path, FileOf(recorded.RequestBytes), null, default);
        await kit.Artifacts.WriteAsync(Run, path, new MemoryStream(recorded.RequestBytes), default);

        Assert.That(server.Requests, Is.EqualTo(Enumerable.Repeat($"{recorded.Method} {recorded.Target}", 2)));
        Assert.That(server.Exchanges.Select(e => e.Body), Is.All.EqualTo(recorded.RequestBytes));
        Assert.That(server.Exchanges.Select(e => e.Headers["Content-Length"]), Is.All.EqualTo($"{recorded.RequestBytes.Length}"));
    }

    [TestCase("278-mlflow-artifacts-download", "notes/hello.txt")]
    [TestCase("279-mlflow-artifacts-download-binary", "bin/data.bin")]
    [TestCase("280-mlflow-artifacts-download-json", "conf/a.json")]
    public async Task A_file_is_downloaded(string name, string path)
    {
        var recorded = RecordedExchange.Load(name);
        using var server = new ByteServer(recorded.ReplayAsync);
        using var kit = new RestKit(server.Address);

        await kit.Artifacts.DownloadAsync(Run, path, _folder["out"], null, default);
        using var opened = await kit.Artifacts.OpenAsync(Run, path, default);

        Assert.That(File.ReadAllBytes(_folder["out"]), Is.EqualTo(recorded.ResponseBytes));
        Assert.That(await ReadAsync(opened), Is.EqualTo(recorded.ResponseBytes));
        Assert.That(server.Requests, Is.EqualTo(Enumerable.Repeat($"{recorded.Method} {recorded.Target}", 2)));
        Assert.That(kit.RunsAsked, Is.EqualTo(1), "where a run's artifacts are is asked once");
    }

    [TestCase("268-artifacts-list-root", "")]
    [TestCase("269-artifacts-list-path", "notes")]
    [TestCase("270-artifacts-list-file-path", "notes/hello.txt")]
    [TestCase("271-artifacts-list-missing-path", "nope")]
    [TestCase("392-s3-artifacts-list", "sub", S3Run)]
    public async Task A_folder_is_listed_by_the_tracking_server(string name, string path, string run = Run)
    {
        var recorded = RecordedExchange.Load(name);
        using var server = new ByteServer(recorded.ReplayAsync);
        using var kit = new RestKit(server.Address);

        var entries = await kit.Artifacts.ListAsync(run, path, default);

        Assert.That(server.Requests, Is.EqualTo(new[] { $"{recorded.Method} {recorded.Target}" }));
        Assert.That(entries, Is.EqualTo(Entries(recorded, "")));
    }

    [TestCase("274-mlflow-artifacts-list", "", $"mlflow-artifacts:/1/{Run}/artifacts")]
    [TestCase("275-mlflow-artifacts-list-sub", "notes", $"mlflow-artifacts:/1/{Run}/artifacts")]
    [TestCase("286-mlflow-artifacts-list-names", "notes", $"mlflow-artifacts:/1/{Run}/artifacts")]
    [TestCase("276-mlflow-artifacts-list-missing", "such/dir", "mlflow-artifacts:/no")]
    [TestCase("277-mlflow-artifacts-list-root", "", "mlflow-artifacts:/")]
    public async Task A_folder_is_listed_by_the_artifact_service(string name, string path, string location)
    {
        var recorded = RecordedExchange.Load(name);
        using var server = new ByteServer(recorded.ReplayAsync);
        using var kit = new RestKit(server.Address);

        var entries = await kit.Repositories.Find(location)!.ListAsync(path);

        Assert.That(server.Requests, Is.EqualTo(new[] { $"{recorded.Method} {recorded.Target}" }));
        Assert.That(entries, Is.EqualTo(Entries(recorded, path.Length == 0 ? "" : path + "/")));
    }

    [TestCase("289-mlflow-artifacts-download-missing", "nope.txt")]
    [TestCase("300-mlflow-artifacts-download-after-delete", "notes/hello.txt")]
    public void A_missing_file_does_not_exist(string name, string path)
    {
        var recorded = RecordedExchange.Load(name);
        using var server = new ByteServer(recorded.ReplayAsync);
        using var kit = new RestKit(server.Address);

        Assert.That(
            async () => await kit.Artifacts.OpenAsync(Run, path, default),
            Throws.TypeOf<ModelTrackException>().With.Property("ErrorCode").EqualTo(ErrorCode.ResourceDoesNotExist)
                .And.Message.Contains(path).And.Message.Contains("No such artifact"));
        Assert.That(server.Requests, Is.EqualTo(new[] { $"GET {recorded.Target}" }));
    }

    [TestCase("402-s3-download-missing", "nope.txt", "has no artifact \"nope.txt\"")]
    [TestCase("290-mlflow-artifacts-download-dir", "notes", "is a folder")]
    public void A_500_for_what_is_not_listed_as_a_file_is_a_missing_file(string name, string path, string words)
    {
        var recorded = RecordedExchange.Load(name);
        var listing = RecordedExchange.Load("268-artifacts-list-root");
        using var server = new ByteServer(e => (e.Target.Contains("artifacts/list") ? listing : recorded).ReplayAsync(e));
        using var kit = new RestKit(server.Address);

        var thrown = Assert.ThrowsAsync<ModelTrackException>(async () => await kit.Artifacts.OpenAsync(Run, path, default));

        Assert.That(thrown!.ErrorCode, Is.EqualTo(ErrorCode.ResourceDoesNotExist));
        Assert.That(thrown.Message, Does.Contain(words).And.Not.Contain("500"));
        Assert.That(thrown.IsTransient, Is.False);
    }

    [TestCase("nope.txt", "has no artifact \"nope.txt\"")]
    [TestCase("notes", "is a folder")]
    public void So_it_is_where_only_the_tracking_server_reaches_the_artifacts(string path, string words)
    {
        var listing = RecordedExchange.Load("268-artifacts-list-root");
        using var server = new ByteServer(e => e.Target.Contains("artifacts/list")
            ? listing.ReplayAsync(e)
            : e.AnswerAsync(500, """{"error_code": "INTERNAL_ERROR", "message": "No such file: /srv/mlruns/1/x"}"""));
        using var kit = new RestKit(server.Address, artifactUri: "ftp://store/1/x/artifacts");

        var thrown = Assert.ThrowsAsync<ModelTrackException>(async () => await kit.Artifacts.OpenAsync(Run, path, default));

        Assert.That(thrown!.ErrorCode, Is.EqualTo(ErrorCode.ResourceDoesNotExist));
        Assert.That(thrown.Message, Does.Contain(words).And.Not.Contain("/srv"));
        Assert.That(thrown.IsTransient, Is.False);
    }

    // The service answers 500 to such names, or breaks off; as recorded.
    [TestCase("281-mlflow-artifacts-download-unicode", "notes/naïve file ✓+%.txt")]
    [TestCase("283-mlflow-artifacts-download-latin1", "notes/naïve.txt")]
    public async Task A_name_that_the_service_cannot_put_into_a_header_is_read_through_the_tracking_server(string name, string path)
    {
        var recorded = RecordedExchange.Load(name);
        using var server = new ByteServer(e => e.Target.StartsWith("/get-artifact?", StringComparison.Ordinal)
            ? e.AnswerAsync(200, "content")
            : recorded.ReplayAsync(e));
        using var kit = new RestKit(server.Address);

        using var opened = await kit.Artifacts.OpenAsync(Run, path, default);
        await kit.Artifacts.DownloadAsync(Run, path, _folder["out"], null, default);

        Assert.That(await ReadAsync(opened), Is.EqualTo("content"u8.ToArray()));
        Assert.That(File.ReadAllText(_folder["out"]), Is.EqualTo("content"));
        var target = $"GET /get-artifact?run_id={Run}&path={Uri.EscapeDataString(path)}";
        Assert.That(server.Requests, Is.EqualTo(new[] { target, target }));
    }

    [Test]
    public async Task Where_the_tracking_server_has_no_such_route_the_service_is_asked_for_every_name()
    {
        using var server = new ByteServer(e => e.Target.StartsWith("/get-artifact?", StringComparison.Ordinal)
            ? e.AnswerAsync(404, "<html>Not Found</html>")
            : e.Target.Contains("artifacts/list") ? e.AnswerAsync(200, """{"files":[{"path":"ü.txt","is_dir":false}]}""")
            : e.AnswerAsync(200, "content"));
        using var kit = new RestKit(server.Address);

        using var opened = await kit.Artifacts.OpenAsync(Run, "ü.txt", default);

        Assert.That(await ReadAsync(opened), Is.EqualTo("content"u8.ToArray()));
        Assert.That(server.Requests.Last(), Does.EndWith("/artifacts/%C3%BC.txt"));
    }

    [Test]
    public async Task A_file_that_the_service_fails_on_is_read_through_the_tracking_server()
    {
        using var server = new ByteServer(e => e.Target.StartsWith("/get-artifact?", StringComparison.Ordinal)
            ? e.AnswerAsync(200, "content")
            : e.Target.Contains("artifacts/list") ? e.AnswerAsync(200, """{"files":[{"path":"a.txt","is_dir":false}]}""")
            : e.AnswerAsync(500, "Internal Server Error"));
        using var kit = new RestKit(server.Address);

        using var opened = await kit.Artifacts.OpenAsync(Run, "a.txt", default);

        Assert.That(await ReadAsync(opened), Is.EqualTo("content"u8.ToArray()));
    }

    [Test]
    public async Task Where_nothing_here_reaches_the_location_the_tracking_server_reads_it()
    {
        var recorded = RecordedExchange.Load("291-get-artifact");
        using var server = new ByteServer(recorded.ReplayAsync);
        using var kit = new RestKit(server.Address, artifactUri: "gs://bucket/1/r/artifacts");

        using var opened = await kit.Artifacts.OpenAsync(Run, "notes/hello.txt", default);
        await kit.Artifacts.DownloadAsync(Run, "notes/hello.txt", _folder["out"], null, default);

        Assert.That(server.Requests, Is.EqualTo(Enumerable.Repeat($"{recorded.Method} {recorded.Target}", 2)));
        Assert.That(await ReadAsync(opened), Is.EqualTo(recorded.ResponseBytes));
        Assert.That(File.ReadAllBytes(_folder["out"]), Is.EqualTo(recorded.ResponseBytes));
    }

    [TestCase("273-artifacts-list-run-not-found", ErrorCode.ResourceDoesNotExist)]
    [TestCase("272-artifacts-list-traversal", ErrorCode.InvalidParameterValue)]
    [TestCase("387-auth-artifacts-no-credentials", ErrorCode.Unauthenticated)]
    public void A_refused_listing_says_so(string name, string code)
    {
        using var server = new ByteServer(RecordedExchange.Load(name).ReplayAsync);
        using var kit = new RestKit(server.Address);

        Assert.That(
            async () => await kit.Artifacts.ListAsync(Run, "", default),
            Throws.TypeOf<ModelTrackException>().With.Property("ErrorCode").EqualTo(code));
    }

    [Test]
    public async Task A_large_file_goes_in_parts_to_the_store_and_without_credentials()
    {
        var create = RecordedExchange.Load("390-s3-mpu-create");
        var complete = RecordedExchange.Load("391-s3-mpu-complete");
        var tags = complete.RequestBody!["parts"]!.AsArray().Select(part => (string)part!["etag"]!).ToList();
        using var store = new ByteServer(async e =>
        {
            await e.ReadBodyAsync();
            await e.AnswerAsync(200, "", $"ETag: {tags[e.Target.Contains("partNumber=1") ? 0 : 1]}");
        });
        using var server = new ByteServer(async e =>
        {
            await e.ReadBodyAsync();
            var recorded = e.Target.Contains("/mpu/create/") ? create : complete;
            await e.AnswerAsync(recorded.Status, ToStore(recorded.ResponseBody!.ToJsonString(), store));
        });
        using var kit = new RestKit(server.Address, $"mlflow-artifacts:/1/{S3Run}/artifacts", InParts);
        var content = Enumerable.Range(0, 1500).Select(i => (byte)i).ToArray();

        await kit.Artifacts.UploadAsync(S3Run, "sub/big.bin", FileOf(content), null, default);

        Assert.That(server.Requests, Is.EqualTo(new[] { $"{create.Method} {create.Target}", $"{complete.Method} {complete.Target}" }));
        AssertSame(server.Exchanges[0].Body, create.RequestBody!.ToJsonString());
        AssertSame(server.Exchanges[1].Body, ToStore(complete.RequestBody.ToJsonString(), store));
        var parts = store.Exchanges.OrderBy(e => e.Target.Contains("partNumber=2")).ToList();
        Assert.That(parts.Select(e => e.Method), Is.EqualTo(new[] { "PUT", "PUT" }));
        Assert.That(parts.SelectMany(e => e.Body), Is.EqualTo(content));
        Assert.That(parts.Select(e => e.Length), Is.EqualTo(new[] { 1000, 500 }));
        Assert.That(parts.Select(e => e.Headers.ContainsKey("Authorization")), Is.All.False);
    }

    [Test]
    public void A_part_that_does_not_get_through_aborts_the_upload()
    {
        var create = RecordedExchange.Load("393-s3-mpu-create-2");
        var abort = RecordedExchange.Load("394-s3-mpu-abort");
        using var store = new ByteServer(e => e.AnswerAsync(403, "<Error><Code>SignatureDoesNotMatch</Code></Error>"));
        using var server = new ByteServer(async e =>
        {
            await e.ReadBodyAsync();
            var recorded = e.Target.Contains("/mpu/create/") ? create : abort;
            await e.AnswerAsync(recorded.Status, ToStore(recorded.ResponseBody!.ToJsonString(), store));
        });
        using var kit = new RestKit(server.Address, $"mlflow-artifacts:/1/{S3Run}/artifacts", InParts);

        var thrown = Assert.ThrowsAsync<ModelTrackException>(
            async () => await kit.Artifacts.UploadAsync(S3Run, "other.bin", FileOf(new byte[700]), null, default));

        Assert.That(server.Requests, Is.EqualTo(new[] { $"{create.Method} {create.Target}", $"{abort.Method} {abort.Target}" }));
        AssertSame(server.Exchanges[1].Body, abort.RequestBody!.ToJsonString());
        Assert.That(thrown!.Message, Does.Contain("other.bin").And.Contain("700 bytes").And.Contain(store.Address.Authority)
            .And.Not.Contain("X-Amz-Signature"));
    }

    [Test]
    public void An_abort_that_fails_does_not_hide_why()
    {
        var create = RecordedExchange.Load("393-s3-mpu-create-2");
        var abort = RecordedExchange.Load("395-s3-mpu-abort-again");
        using var store = new ByteServer(e => e.AnswerAsync(404, ""));
        using var server = new ByteServer(async e =>
        {
            await e.ReadBodyAsync();
            var recorded = e.Target.Contains("/mpu/create/") ? create : abort;
            await e.AnswerAsync(recorded.Status, ToStore(System.Text.Encoding.UTF8.GetString(recorded.ResponseBytes), store));
        });
        using var kit = new RestKit(server.Address, $"mlflow-artifacts:/1/{S3Run}/artifacts", InParts);

        Assert.That(
            async () => await kit.Artifacts.UploadAsync(S3Run, "other.bin", FileOf(new byte[700]), null, default),
            Throws.TypeOf<ModelTrackException>().With.Property("StatusCode").EqualTo(System.Net.HttpStatusCode.NotFound));
        Assert.That(server.Exchanges, Has.Count.EqualTo(2));
    }

    [Test]
    public void An_upload_for_which_the_server_names_no_places_is_aborted()
    {
        var create = RecordedExchange.Load("396-s3-mpu-create-bad-num-parts");
        using var server = new ByteServer(e => e.Target.Contains("/mpu/create/") ? create.ReplayAsync(e) : e.AnswerAsync(200));
        using var kit = new RestKit(server.Address, settings: InParts);

        Assert.That(
            async () => await kit.Artifacts.UploadAsync(Run, "other.bin", FileOf(new byte[700]), null, default),
            Throws.TypeOf<ModelTrackException>().With.Message.Contains("part 1 of 1"));
        Assert.That(server.Requests.Last(), Does.Contain("/mpu/abort/"));
    }

    [Test]
    public async Task Where_parts_are_not_supported_the_file_goes_whole_and_the_server_is_not_asked_again()
    {
        var refusal = RecordedExchange.Load("292-mpu-create");
        using var server = new ByteServer(async e =>
        {
            await e.ReadBodyAsync();
            await (e.Target.Contains("/mpu/") ? e.AnswerAsync(refusal.Status, refusal.ResponseBytes) : e.AnswerAsync(200));
        });
        using var kit = new RestKit(server.Address, settings: InParts);
        var file = FileOf(new byte[700]);

        await kit.Artifacts.UploadAsync(Run, "a/one.bin", file, null, default);
        await kit.Artifacts.UploadAsync(Run, "a/two.bin", file, null, default);

        var root = $"/api/2.0/mlflow-artifacts/{{0}}/1/{Run}/artifacts/a";
        Assert.That(server.Requests, Is.EqualTo(new[]
        {
            "POST " + string.Format(null, root, "mpu/create"),
            "PUT " + string.Format(null, root, "artifacts") + "/one.bin",
            "PUT " + string.Format(null, root, "artifacts") + "/two.bin",
        }));
    }

    [Test]
    public async Task A_file_is_fetched_from_the_store_and_without_credentials()
    {
        var presigned = RecordedExchange.Load("398-s3-presigned-download");
        var content = new byte[5243880];
        Random.Shared.NextBytes(content);
        using var store = new ByteServer(e => e.AnswerAsync(200, content));
        using var server = new ByteServer(e => e.AnswerAsync(presigned.Status, ToStore(presigned.ResponseBody!.ToJsonString(), store)));
        using var kit = new RestKit(
            server.Address, $"mlflow-artifacts:/1/{S3Run}/artifacts", new ArtifactSettings { PresignedDownload = true });

        await kit.Artifacts.DownloadAsync(S3Run, "sub/big.bin", _folder["out"], null, default);

        Assert.That(server.Requests, Is.EqualTo(new[] { $"{presigned.Method} {presigned.Target}" }));
        Assert.That($"{store.Exchanges.Single().Target}", Is.EqualTo(new Uri((string)presigned.ResponseBody!["url"]!).PathAndQuery));
        Assert.That(store.Exchanges.Single().Headers.ContainsKey("Authorization"), Is.False);
        Assert.That(File.ReadAllBytes(_folder["out"]).AsSpan().SequenceEqual(content));
    }

    [Test]
    public async Task Where_the_server_signs_nothing_the_file_comes_through_it_and_it_is_not_asked_again()
    {
        var refusal = RecordedExchange.Load("295-presigned-download");
        var whole = RecordedExchange.Load("278-mlflow-artifacts-download");
        using var server = new ByteServer(e => (e.Target.Contains("/presigned/") ? refusal : whole).ReplayAsync(e));
        using var kit = new RestKit(server.Address, settings: new ArtifactSettings { PresignedDownload = true });

        await kit.Artifacts.DownloadAsync(Run, "notes/hello.txt", _folder["out"], null, default);
        await kit.Artifacts.DownloadAsync(Run, "notes/hello.txt", _folder["out"], null, default);

        Assert.That(server.Requests, Is.EqualTo(new[] { $"GET {refusal.Target}", $"GET {whole.Target}", $"GET {whole.Target}" }));
        Assert.That(File.ReadAllBytes(_folder["out"]), Is.EqualTo(whole.ResponseBytes));
    }

    private static ArtifactSettings InParts { get; } = new() { MultipartUpload = true, MultipartUploadMinimum = 1, UploadPartSize = 1000 };

    private static List<ArtifactInfo> Entries(RecordedExchange recorded, string prefix)
        => (recorded.ResponseBody!["files"]?.AsArray() ?? [])
            .Select(file => ((bool)file!["is_dir"]!, Path: prefix + (string)file["path"]!, Size: (long?)file["file_size"]))
            .Select(file => new ArtifactInfo(file.Path, file.Item1, file.Item1 ? null : file.Size ?? 0))
            .OrderBy(file => file.Path, StringComparer.Ordinal)
            .ToList();

    private static string ToStore(string json, ByteServer store) => json.Replace("127.0.0.1:5012", store.Address.Authority, StringComparison.Ordinal);

    private static void AssertSame(byte[] sent, string recorded)
        => Assert.That(JsonNode.DeepEquals(JsonNode.Parse(sent), JsonNode.Parse(recorded)), $"{System.Text.Encoding.UTF8.GetString(sent)} is not {recorded}");

    private static async Task<byte[]> ReadAsync(Stream stream)
    {
        using var all = new MemoryStream();
        await stream.CopyToAsync(all);
        return all.ToArray();
    }

    private string FileOf(byte[] content)
    {
        File.WriteAllBytes(_folder["local"], content);
        return _folder["local"];
    }
}
