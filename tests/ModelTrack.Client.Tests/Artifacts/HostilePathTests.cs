using System.Text.Json;
using ModelTrack.Client.Backends;

namespace ModelTrack.Client.Tests.Artifacts;

internal sealed class HostilePathTests
{
    private const string Run = RestKit.RunId;

    private ScratchFolder _folder = null!;

    private string Destination => _folder["out"];

    [SetUp]
    public void SetUp() => _folder = new ScratchFolder();

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [TestCaseSource(typeof(HostilePaths), nameof(HostilePaths.Refused))]
    public void A_harmful_path_is_neither_written_nor_read(string path)
    {
        Assert.That(ArtifactPath.FindFault(path), Is.Not.Null);
        Assert.That(ArtifactPath.FindReadingFault(path), Is.Not.Null);
        Assert.That(() => ArtifactPath.Combine("folder", path), Throws.ArgumentException);
    }

    [TestCaseSource(typeof(HostilePaths), nameof(HostilePaths.Unwritable))]
    public void A_path_that_not_every_place_can_hold_is_not_written(string path)
    {
        Assert.That(ArtifactPath.FindFault(path), Is.Not.Null);
        Assert.That(ArtifactPath.FindReadingFault(path), Is.Null);
    }

    [TestCaseSource(typeof(HostilePaths), nameof(HostilePaths.Refused))]
    [TestCaseSource(typeof(HostilePaths), nameof(HostilePaths.Unwritable))]
    public void A_server_that_lists_such_a_file_makes_nothing_on_this_disk(string path)
    {
        using var server = Listing(path, isFolder: false);
        using var kit = new RestKit(server.Address);

        Assert.That(() => Download(kit, ""), Throws.TypeOf<ModelTrackException>());
        Assert.That(Directory.GetFileSystemEntries(_folder.Path), Is.Empty);
        Assert.That(server.Requests, Has.None.Contains("mlflow-artifacts").And.None.Contains("get-artifact"), "nothing is fetched");
    }

    [TestCaseSource(typeof(HostilePaths), nameof(HostilePaths.Refused))]
    [TestCaseSource(typeof(HostilePaths), nameof(HostilePaths.Unwritable))]
    public void A_server_that_lists_such_a_folder_makes_nothing_on_this_disk(string path)
    {
        using var server = Listing(path, isFolder: true);
        using var kit = new RestKit(server.Address);

        Assert.That(() => Download(kit, ""), Throws.TypeOf<ModelTrackException>());
        Assert.That(Directory.GetFileSystemEntries(_folder.Path), Is.Empty);
    }

    [TestCaseSource(typeof(HostilePaths), nameof(HostilePaths.Refused))]
    public void The_artifact_service_is_believed_as_little(string name)
    {
        using var server = Listing(name, isFolder: false);
        using var kit = new RestKit(server.Address);
        var source = ArtifactSource.Of(kit.Repositories.Find("mlflow-artifacts:/models/m-1")!, "mlflow-artifacts:/models/m-1");

        Assert.That(() => ArtifactDownload.RunAsync(source, Destination, "", 2, null, default), Throws.TypeOf<ModelTrackException>());
        Assert.That(Directory.Exists(Destination) ? Directory.GetFileSystemEntries(Destination) : [], Is.Empty);
        Assert.That(server.Requests, Has.All.Contains("/mlflow-artifacts/artifacts?path="));
    }

    [TestCaseSource(typeof(HostilePaths), nameof(HostilePaths.Refused))]
    public void A_listing_for_the_user_does_not_pass_it_on(string path)
    {
        using var server = Listing(path, isFolder: false);
        using var kit = new RestKit(server.Address);
        var runs = new RunClient(Backend(kit));

        Assert.That(async () => await runs.ListArtifactsAsync(Run), Throws.TypeOf<ModelTrackException>().With.Message.Contains("not accepted"));
    }

    [TestCaseSource(typeof(HostilePaths), nameof(HostilePaths.OnlyNames))]
    public async Task What_only_looks_like_it_stays_inside(string path)
    {
        Assume.That(OperatingSystem.IsWindows(), Is.False);
        using var server = Tree(path);
        using var kit = new RestKit(server.Address);

        await Download(kit, "");

        var file = Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories).Single();
        Assert.That(Path.GetRelativePath(Destination, file), Is.EqualTo(path));
        Assert.That(File.ReadAllText(file), Is.EqualTo("content"));
    }

    [Test]
    public async Task A_harmful_neighbour_does_not_keep_a_file_from_being_read()
    {
        using var server = Listing("../evil", isFolder: false);
        using var kit = new RestKit(server.Address);

        await Download(kit, "good.txt");

        Assert.That(File.ReadAllText(_folder["out/good.txt"]), Is.EqualTo("content"));
    }

    [Test]
    public void A_link_in_the_destination_that_leads_out_is_not_followed()
    {
        Assume.That(OperatingSystem.IsWindows(), Is.False);
        Directory.CreateDirectory(_folder["outside"]);
        Directory.CreateDirectory(Destination);
        Directory.CreateSymbolicLink(_folder["out/model"], "../outside");
        using var server = Tree("model/a.txt");
        using var kit = new RestKit(server.Address);

        Assert.That(() => Download(kit, ""), Throws.InstanceOf<IOException>().With.Message.Contains("link"));
        Assert.That(Directory.GetFileSystemEntries(_folder["outside"]), Is.Empty);
    }

    [Test]
    public void Folders_in_folders_come_to_an_end()
    {
        using var server = new ByteServer(e =>
        {
            var query = Uri.UnescapeDataString(e.Target);
            var path = query.Contains("path=") ? query[(query.IndexOf("path=", StringComparison.Ordinal) + 5)..] : "";
            return e.AnswerAsync(200, JsonSerializer.Serialize(
                new { files = new[] { new { path = ArtifactUrl.Join(path, new string('a', 250)), is_dir = true } } }));
        });
        using var kit = new RestKit(server.Address);

        Assert.That(() => Download(kit, ""), Throws.TypeOf<ModelTrackException>().With.Message.Contains("4096"));
        Assert.That(Directory.Exists(Destination), Is.False);
    }

    [TestCaseSource(typeof(HostilePaths), nameof(HostilePaths.Refused))]
    public void A_users_own_repository_is_not_believed_either(string path)
    {
        var repository = new ListingRepository(path);

        Assert.That(
            () => ArtifactDownload.RunAsync(ArtifactSource.Of(repository, "s3://bucket"), Destination, "", 1, null, default),
            Throws.TypeOf<ModelTrackException>());
        Assert.That(repository.Downloads, Is.Zero);
    }

    private static ITrackingBackend Backend(RestKit kit)
    {
        var (backend, store) = StoredArtifacts.Create();
        store.IsRemote = true;
        store.Lists = (path, token) => kit.Artifacts.ListAsync(Run, path, token);
        return backend;
    }

    /// <summary>A run with one harmless file and another entry; a folder has a file in it.</summary>
    private static ByteServer Listing(string path, bool isFolder) => new(e => !e.Target.Contains("artifacts/list") && !e.Target.Contains("?path=")
        ? e.AnswerAsync(200, "content")
        : e.AnswerAsync(200, JsonSerializer.Serialize(new
        {
            files = e.Target.Contains("&path=")
                ? new[] { new { path = path + "/evil", is_dir = false } }
                : [new { path, is_dir = isFolder }, new { path = "good.txt", is_dir = false }],
        })));

    /// <summary>A run with one file, in the folders that its path has.</summary>
    private static ByteServer Tree(string path) => new(e =>
    {
        if (!e.Target.Contains("artifacts/list"))
        {
            return e.AnswerAsync(200, "content");
        }

        var at = e.Target.IndexOf("&path=", StringComparison.Ordinal);
        var folder = at < 0 ? "" : Uri.UnescapeDataString(e.Target[(at + "&path=".Length)..]);
        var slash = path.IndexOf('/', folder.Length + 1);
        return e.AnswerAsync(200, JsonSerializer.Serialize(
            new { files = new[] { new { path = slash < 0 ? path : path[..slash], is_dir = slash >= 0 } } }));
    });

    private Task<string> Download(RestKit kit, string path) => ArtifactDownload.RunAsync(
        new ArtifactSource
        {
            Name = "The run",
            IsRemote = true,
            ListAsync = (folder, token) => kit.Artifacts.ListAsync(Run, folder, token),
            DownloadAsync = (file, local, progress, token) => kit.Artifacts.DownloadAsync(Run, file, local, progress, token),
        },
        Destination,
        path,
        2,
        null,
        default);

    private sealed class ListingRepository(string listed) : IArtifactRepository
    {
        public int Downloads { get; private set; }

        public Task<IReadOnlyList<ArtifactInfo>> ListAsync(string path, CancellationToken cancellationToken = default)
            => Task.FromResult<IReadOnlyList<ArtifactInfo>>([new ArtifactInfo(listed, false, 1)]);

        public Task<Stream> OpenReadAsync(string path, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task UploadAsync(string localFile, string path, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
            => throw new NotSupportedException();

        public Task DownloadAsync(string path, string localFile, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
        {
            Downloads++;
            return Task.CompletedTask;
        }
    }
}
