using System.Text;
using ModelTrack.Client.Backends.Rest;
using ModelTrack.Client.Tests.Artifacts;

namespace ModelTrack.Client.Tests.Backends.Rest;

/// <summary>Which way artifacts go, by where they are.</summary>
internal sealed class ArtifactRepositoriesTests
{
    private const string Run = RestKit.RunId;
    private static readonly Uri Nowhere = new("http://127.0.0.1:9");

    private ScratchFolder _folder = null!;

    [SetUp]
    public void SetUp() => _folder = new ScratchFolder();

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [TestCase("mlflow-artifacts:/1/r/artifacts", typeof(ProxyArtifactRepository))]
    [TestCase("MLFLOW-ARTIFACTS:/1/r/artifacts", typeof(ProxyArtifactRepository))]
    [TestCase("http://h/api/2.0/mlflow-artifacts/artifacts/1", typeof(ProxyArtifactRepository))]
    [TestCase("https://h/data/1", typeof(HttpArtifactRepository))]
    [TestCase("s3://bucket/1", null)]
    [TestCase("gs://bucket/1", null)]
    [TestCase("dbfs:/1", null)]
    [TestCase("", null)]
    public void The_scheme_decides(string location, Type? type)
    {
        using var kit = new RestKit(Nowhere);

        Assert.That(kit.Repositories.Find(location)?.GetType(), Is.EqualTo(type));
    }

    [Test]
    public void What_the_user_named_comes_first()
    {
        var mine = new Mine();
        Uri? asked = null;
        using var kit = new RestKit(Nowhere, configure: options =>
        {
            foreach (var scheme in new[] { "S3", "mlflow-artifacts", "file" })
            {
                options.ArtifactRepositories[scheme] = uri =>
                {
                    asked = uri;
                    return mine;
                };
            }
        });

        Assert.That(kit.Repositories.Find("s3://bucket/1/r%20s/artifacts"), Is.SameAs(mine));
        Assert.That(asked!.OriginalString, Is.EqualTo("s3://bucket/1/r%20s/artifacts"));
        Assert.That(kit.Repositories.Find("mlflow-artifacts:/1"), Is.SameAs(mine));
        Assert.That(kit.Repositories.Find("file:///data/1"), Is.SameAs(mine));
    }

    [Test]
    public async Task A_users_repository_does_everything_for_its_scheme()
    {
        var mine = new Mine();
        using var kit = new RestKit(
            Nowhere, "s3://bucket/1/r/artifacts", configure: options => options.ArtifactRepositories["s3"] = _ => mine);

        await kit.Artifacts.WriteAsync(Run, "sub/a.txt", new MemoryStream("hello"u8.ToArray()), default);
        await kit.Artifacts.DownloadAsync(Run, "sub/a.txt", _folder["out"], null, default);
        using var opened = new StreamReader(await kit.Artifacts.OpenAsync(Run, "sub/a.txt", default));

        Assert.That(File.ReadAllText(_folder["out"]), Is.EqualTo("hello"));
        Assert.That(await opened.ReadToEndAsync(), Is.EqualTo("hello"));
        Assert.That(await kit.Artifacts.ListAsync(Run, "sub", default), Is.EqualTo(new[] { new ArtifactInfo("sub/a.txt", false, 5) }));
    }

    [Test]
    public void Options_are_copied_with_the_schemes_in_any_case()
    {
        var options = new TrackerOptions();
        options.ArtifactRepositories["S3"] = _ => new Mine();

        var copy = options.Checked();
        options.ArtifactRepositories.Clear();

        Assert.That(copy.ArtifactRepositories.ContainsKey("s3"));
        Assert.That(() => new TrackerOptions { MaxParallelTransfers = 0 }.Checked(), Throws.ArgumentException);
        Assert.That(() => new TrackerOptions { MaxParallelTransfers = 65 }.Checked(), Throws.ArgumentException);
    }

    [Test]
    public void A_scheme_without_a_repository_is_named_with_what_helps()
    {
        using var kit = new RestKit(Nowhere, "s3://bucket/1/r/artifacts");

        var thrown = Assert.ThrowsAsync<ModelTrackException>(
            async () => await kit.Artifacts.WriteAsync(Run, "a.txt", new MemoryStream(), default));

        Assert.That(thrown!.ErrorCode, Is.EqualTo(ErrorCode.NotImplemented));
        Assert.That(thrown.IsTransient, Is.False);
        Assert.That(thrown.Message, Does.Contain("s3:").And.Contain("TrackerOptions.ArtifactRepositories[\"s3\"]").And.Contain("--serve-artifacts"));
    }

    [TestCase("{0}/1/{1}/artifacts")]
    [TestCase("file://{0}/1/{1}/artifacts")]
    public async Task A_folder_of_this_machine_is_written_and_read_directly(string form)
    {
        Assume.That(OperatingSystem.IsWindows(), Is.False);
        var root = _folder["my store"];
        Directory.CreateDirectory(root);
        using var kit = new RestKit(Nowhere, string.Format(null, form, form.StartsWith('{') ? root : root.Replace(" ", "%20"), Run));

        await kit.Artifacts.WriteAsync(Run, "sub/a.txt", new MemoryStream("hello"u8.ToArray()), default);
        await kit.Artifacts.DownloadAsync(Run, "sub/a.txt", _folder["out"], null, default);

        Assert.That(File.ReadAllText(Path.Combine(root, "1", Run, "artifacts", "sub", "a.txt")), Is.EqualTo("hello"));
        Assert.That(File.ReadAllText(_folder["out"]), Is.EqualTo("hello"));
        Assert.That(await kit.Artifacts.ListAsync(Run, "sub", default), Is.EqualTo(new[] { new ArtifactInfo("sub/a.txt", false, 5) }));
        Assert.That(
            async () => await kit.Artifacts.OpenAsync(Run, "none", default),
            Throws.TypeOf<ModelTrackException>().With.Property("ErrorCode").EqualTo(ErrorCode.ResourceDoesNotExist));
    }

    [Test]
    public void A_link_in_a_local_folder_does_not_lead_out()
    {
        Assume.That(OperatingSystem.IsWindows(), Is.False);
        var artifacts = _folder[$"store/1/{Run}/artifacts"];
        Directory.CreateDirectory(artifacts);
        Directory.CreateDirectory(_folder["outside"]);
        Directory.CreateSymbolicLink(Path.Combine(artifacts, "link"), _folder["outside"]);
        using var kit = new RestKit(Nowhere, artifacts);

        Assert.That(
            async () => await kit.Artifacts.WriteAsync(Run, "link/a.txt", new MemoryStream(), default),
            Throws.TypeOf<ModelTrackException>().With.Message.Contains("leads out"));
        Assert.That(Directory.GetFileSystemEntries(_folder["outside"]), Is.Empty);
    }

    // Of the same path as on the server's machine nobody would find what was written here.
    [TestCase("/srv/no-such-store/1/{0}/artifacts")]
    [TestCase("file:///srv/no-such-store/1/{0}/artifacts")]
    [TestCase("/no-such-experiment/{0}/artifacts")]
    [TestCase("/{0}/artifacts")]
    public void A_folder_of_another_machine_is_not_made_here(string form)
    {
        Assume.That(OperatingSystem.IsWindows(), Is.False);
        using var kit = new RestKit(Nowhere, string.Format(null, form, Run));

        Assert.That(
            async () => await kit.Artifacts.WriteAsync(Run, "a.txt", new MemoryStream(), default),
            Throws.TypeOf<ModelTrackException>().With.Property("ErrorCode").EqualTo(ErrorCode.NotImplemented)
                .And.Message.Contains("not on this machine").And.Message.Contains("--serve-artifacts"));
    }

    [Test]
    public async Task A_folder_of_another_machine_is_read_through_the_server()
    {
        using var server = new ByteServer(e => e.AnswerAsync(200, e.Target.Contains("artifacts/list") ? """{"files":[{"path":"a.txt","is_dir":false,"file_size":"5"}]}""" : "hello"));
        using var kit = new RestKit(server.Address, $"/srv/no-such-store/1/{Run}/artifacts");

        using var opened = new StreamReader(await kit.Artifacts.OpenAsync(Run, "a.txt", default));

        Assert.That(await opened.ReadToEndAsync(), Is.EqualTo("hello"));
        Assert.That(await kit.Artifacts.ListAsync(Run, "", default), Is.EqualTo(new[] { new ArtifactInfo("a.txt", false, 5) }));
    }

    [Test]
    public async Task Files_at_a_web_address_are_put_and_got_with_its_query_and_without_credentials()
    {
        var stored = new Dictionary<string, byte[]>();
        using var web = new ByteServer(async e =>
        {
            if (e.Method == "PUT")
            {
                stored[e.Target] = await e.ReadBodyAsync();
                await e.AnswerAsync(201, "");
                return;
            }

            await (stored.TryGetValue(e.Target, out var content) ? e.AnswerAsync(200, content) : e.AnswerAsync(404, ""));
        });
        using var kit = new RestKit(Nowhere, $"{web.Address}data/1?sig=abc");

        await kit.Artifacts.WriteAsync(Run, "sub/ä b.txt", new MemoryStream("hello"u8.ToArray()), default);
        using var opened = new StreamReader(await kit.Artifacts.OpenAsync(Run, "sub/ä b.txt", default));

        Assert.That(await opened.ReadToEndAsync(), Is.EqualTo("hello"));
        Assert.That(web.Requests, Is.EqualTo(new[] { "PUT /data/1/sub/%C3%A4%20b.txt?sig=abc", "GET /data/1/sub/%C3%A4%20b.txt?sig=abc" }));
        Assert.That(web.Exchanges.Select(e => e.Headers.ContainsKey("Authorization")), Is.All.False);
        Assert.That(
            async () => await kit.Artifacts.OpenAsync(Run, "none", default),
            Throws.TypeOf<ModelTrackException>().With.Property("ErrorCode").EqualTo(ErrorCode.ResourceDoesNotExist)
                .And.Message.Contains(web.Address.Authority));
    }

    [Test]
    public void A_refusal_by_another_origin_says_that_it_gets_no_credentials()
    {
        using var web = new ByteServer(e => e.AnswerAsync(401, "who are you?"));
        using var kit = new RestKit(Nowhere, $"mlflow-artifacts://{web.Address.Authority}/1");

        Assert.That(
            async () => await kit.Artifacts.OpenAsync(Run, "a", default),
            Throws.TypeOf<ModelTrackException>().With.Message.Contains("credentials are sent to that one alone"));
    }

    [Test]
    public async Task A_name_that_the_service_will_decode_is_told()
    {
        using var server = new ByteServer(async e =>
        {
            await e.ReadBodyAsync();
            await e.AnswerAsync(200);
        });
        using var kit = new RestKit(server.Address);

        await kit.Artifacts.WriteAsync(Run, "report%20final.csv", new MemoryStream(), default);
        await kit.Artifacts.WriteAsync(Run, "100%.csv", new MemoryStream(), default);

        Assert.That(server.Requests.Select(r => r[(r.LastIndexOf('/') + 1)..]), Is.EqualTo(new[] { "report%20final.csv", "100%25.csv" }));
        Assert.That(kit.Log.Warnings, Has.Count.EqualTo(1).And.All.Contains("report final.csv"));
    }

    [Test]
    public async Task A_listing_that_comes_in_pages_is_read_to_its_end()
    {
        using var server = new ByteServer(e => e.AnswerAsync(200, e.Target.Contains("page_token=two")
            ? """{"files":[{"path":"a","is_dir":true}]}"""
            : """{"files":[{"path":"b","is_dir":false,"file_size":3}],"next_page_token":"two"}"""));
        using var kit = new RestKit(server.Address);

        Assert.That(
            await kit.Artifacts.ListAsync(Run, "", default),
            Is.EqualTo(new[] { new ArtifactInfo("a", true, null), new ArtifactInfo("b", false, 3) }));
    }

    [Test]
    public async Task A_folder_that_holds_one_file_of_its_own_name_is_a_folder()
    {
        using var server = new ByteServer(e => e.AnswerAsync(200, e.Target.EndsWith("%2Fa", StringComparison.Ordinal)
            ? """{"files":[{"path":"a","is_dir":false,"file_size":1}]}"""
            : """{"files":[{"path":"a","is_dir":true}]}"""));
        using var kit = new RestKit(server.Address);

        Assert.That(await kit.Repositories.Find("mlflow-artifacts:/1")!.ListAsync("a"), Is.EqualTo(new[] { new ArtifactInfo("a/a", false, 1) }));
    }

    [Test]
    public async Task A_file_that_the_service_lists_in_itself_is_no_folder()
    {
        using var server = new ByteServer(e => e.AnswerAsync(200, """{"files":[{"path":"a","is_dir":false,"file_size":1}]}"""));
        using var kit = new RestKit(server.Address);

        Assert.That(await kit.Repositories.Find("mlflow-artifacts:/1")!.ListAsync("a"), Is.Empty);
    }

    private sealed class Mine : IArtifactRepository
    {
        private readonly Dictionary<string, string> _files = [];

        public Task<IReadOnlyList<ArtifactInfo>> ListAsync(string path, CancellationToken cancellationToken = default)
            => Task.FromResult<IReadOnlyList<ArtifactInfo>>([.. _files.Select(f => new ArtifactInfo(f.Key, false, f.Value.Length))]);

        public Task<Stream> OpenReadAsync(string path, CancellationToken cancellationToken = default)
            => Task.FromResult<Stream>(new MemoryStream(Encoding.UTF8.GetBytes(_files[path])));

        public Task UploadAsync(string localFile, string path, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
        {
            _files[path] = File.ReadAllText(localFile);
            return Task.CompletedTask;
        }

        public Task DownloadAsync(string path, string localFile, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
            => File.WriteAllTextAsync(localFile, _files[path], cancellationToken);
    }
}
