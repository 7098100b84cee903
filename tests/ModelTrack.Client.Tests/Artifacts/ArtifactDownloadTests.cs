using ModelTrack.Client.Backends;

namespace ModelTrack.Client.Tests.Artifacts;

internal sealed class ArtifactDownloadTests
{
    private ScratchFolder _folder = null!;
    private ITrackingBackend _backend = null!;
    private StoredArtifacts _store = null!;

    private string Destination => _folder["out"];

    [SetUp]
    public void SetUp()
    {
        _folder = new ScratchFolder();
        (_backend, _store) = StoredArtifacts.Create();
    }

    [TearDown]
    public void TearDown()
    {
        _folder.Dispose();
        _backend.Dispose();
    }

    [Test]
    public async Task A_file_comes_to_its_path_below_the_destination()
    {
        _store.File("model/data/a.txt", "hello").File("model/b.txt", "no");

        var local = await Download("model/data/a.txt");

        Assert.That(local, Is.EqualTo(_folder["out/model/data/a.txt"]));
        Assert.That(Files(), Is.EqualTo(new[] { "model/data/a.txt=hello" }));
    }

    [Test]
    public async Task A_folder_comes_with_all_in_it()
    {
        _store.File("model/data/a.txt", "1").File("model/b c.txt", "2").File("model/é", "").File("other.txt", "3");

        var local = await Download("model");

        Assert.That(local, Is.EqualTo(_folder["out/model"]));
        Assert.That(Files(), Is.EquivalentTo(new[] { "model/b c.txt=2", "model/data/a.txt=1", "model/é=" }));
    }

    [TestCase("")]
    [TestCase(".")]
    public async Task The_root_is_everything(string root)
    {
        _store.File("model/a.txt", "1").File("b.txt", "2");

        Assert.That(await Download(root), Is.EqualTo(Destination));
        Assert.That(Files(), Is.EquivalentTo(new[] { "b.txt=2", "model/a.txt=1" }));
    }

    [Test]
    public async Task A_run_without_artifacts_gives_an_empty_folder()
    {
        Assert.That(await Download(""), Is.EqualTo(Destination));
        Assert.That(Directory.Exists(Destination));
    }

    [TestCase("missing")]
    [TestCase("missing/a.txt")]
    [TestCase("model/a.tx")]
    [TestCase("model/a.txt/b")]
    public void What_is_missing_does_not_exist(string path)
    {
        _store.File("model/a.txt", "1");

        Assert.That(() => Download(path), Throws.TypeOf<ModelTrackException>()
            .With.Property("ErrorCode").EqualTo("RESOURCE_DOES_NOT_EXIST"));
        Assert.That(Directory.Exists(Destination), Is.False);
    }

    [Test]
    public async Task An_existing_file_is_replaced()
    {
        _folder.Write("out/a.txt", "something older and longer");
        _store.File("a.txt", "new");

        await Download("a.txt");

        Assert.That(Files(), Is.EqualTo(new[] { "a.txt=new" }));
    }

    [Test]
    public async Task A_folder_that_lists_itself_is_taken_once()
    {
        _store.File("model/a.txt", "1").List("model", new ArtifactInfo("model", true, null));

        await Download("model");

        Assert.That(Files(), Is.EqualTo(new[] { "model/a.txt=1" }));
    }

    [TestCase("../evil.txt")]
    [TestCase("/tmp/evil.txt")]
    [TestCase("model/../../evil.txt")]
    [TestCase("model/%2e%2e/%2e%2e/evil.txt")]
    [TestCase("model/..")]
    [TestCase("C:\\evil.txt")]
    [TestCase("..\\evil.txt")]
    [TestCase("model/..\\evil.txt")]
    [TestCase("evil.txt")] // In the listing of another folder.
    [TestCase("model/deep/evil.txt")]
    [TestCase("")]
    [TestCase("model/a\0")]
    public void A_path_from_the_store_that_leads_elsewhere_is_refused(string path)
    {
        _store.File("model/a.txt", "1").List("model", new ArtifactInfo(path, false, 1)).Open(path, () => new MemoryStream([1]));

        Assert.That(() => Download("model"), Throws.TypeOf<ModelTrackException>());
        Assert.That(Directory.GetFileSystemEntries(_folder.Path), Is.Empty, "nothing is written before all is checked");
    }

    [TestCase("..")]
    [TestCase("model/..")]
    [TestCase("/etc")]
    public void A_folder_from_the_store_that_leads_elsewhere_is_refused(string path)
    {
        _store.List("", new ArtifactInfo(path, true, null)).List(path, new ArtifactInfo(path + "/evil", false, 1));

        Assert.That(() => Download(""), Throws.TypeOf<ModelTrackException>());
    }

    [TestCase("../a")]
    [TestCase("/a")]
    [TestCase("a\\b")]
    public void A_wrong_path_is_the_callers_mistake(string path) => Assert.That(() => Download(path), Throws.ArgumentException);

    [Test]
    public async Task A_name_that_others_stored_and_we_would_not_is_read()
    {
        Assume.That(OperatingSystem.IsWindows(), Is.False);
        _store.File("m/a#1.txt", "1").File("m/nul", "2");

        await Download("m");

        Assert.That(Files(), Is.EquivalentTo(new[] { "m/a#1.txt=1", "m/nul=2" }));
    }

    [Test]
    public void A_link_below_the_destination_is_not_followed()
    {
        Directory.CreateDirectory(_folder["outside"]);
        Directory.CreateDirectory(Destination);
        Directory.CreateSymbolicLink(_folder["out/model"], _folder["outside"]);
        _store.File("model/data/a.txt", "1");

        Assert.That(() => Download("model"), Throws.InstanceOf<IOException>().With.Message.Contains("link"));
        Assert.That(() => Download("model/data/a.txt"), Throws.InstanceOf<IOException>().With.Message.Contains("link"));
        Assert.That(Directory.GetFileSystemEntries(_folder["outside"]), Is.Empty);
    }

    [Test]
    public async Task A_link_in_the_place_of_a_file_is_replaced()
    {
        _folder.Write("outside.txt", "mine");
        Directory.CreateDirectory(Destination);
        File.CreateSymbolicLink(_folder["out/a.txt"], _folder["outside.txt"]);
        _store.File("a.txt", "theirs");

        await Download("a.txt");

        Assert.That(File.ReadAllText(_folder["outside.txt"]), Is.EqualTo("mine"));
        Assert.That(new FileInfo(_folder["out/a.txt"]).LinkTarget, Is.Null);
    }

    [Test]
    public async Task The_destination_itself_may_be_a_link()
    {
        Directory.CreateDirectory(_folder["real"]);
        Directory.CreateSymbolicLink(Destination, _folder["real"]);
        _store.File("m/a.txt", "1");

        await Download("m/a.txt");

        Assert.That(File.ReadAllText(_folder["real/m/a.txt"]), Is.EqualTo("1"));
    }

    [Test]
    public void A_download_that_breaks_leaves_neither_half_a_file_nor_the_temporary_one()
    {
        _folder.Write("out/a.txt", "old");
        _store.File("a.txt", "new").Open("a.txt", () => new BrokenStream());

        Assert.That(() => Download("a.txt"), Throws.InstanceOf<IOException>());
        Assert.That(Files(), Is.EqualTo(new[] { "a.txt=old" }));
    }

    [Test]
    public async Task Several_files_are_copied_at_a_time_and_their_progress_is_told()
    {
        var underWay = 0;
        var most = 0;
        using var all = new CountdownEvent(3);
        foreach (var name in new[] { "a", "b", "c" })
        {
            _store.File(name, name).Open(name, () =>
            {
                lock (all)
                {
                    most = Math.Max(most, ++underWay);
                }

                all.Signal();
                all.Wait(TimeSpan.FromSeconds(30));
                lock (all)
                {
                    underWay--;
                }

                return new MemoryStream([1]);
            });
        }

        var reports = new List<TransferProgress>();
        await Task.Run(() => Download("", parallel: 3, new Reports(reports)));

        Assert.That(most, Is.EqualTo(3));
        Assert.That(reports.Select(r => (r.Bytes, r.TotalBytes, r.FilesTotal)), Is.All.EqualTo((1L, (long?)1, 3)));
        Assert.That(reports.Select(r => r.FilesDone), Is.EquivalentTo(new[] { 1, 2, 3 }));
        Assert.That(reports.Select(r => r.Path), Is.EquivalentTo(new[] { "a", "b", "c" }));
    }

    [Test]
    public void What_is_listed_twice_is_refused_before_anything_is_written()
    {
        _store.List("", new ArtifactInfo("a", false, 1)).List("", new ArtifactInfo("a", true, null));

        Assert.That(() => Download(""), Throws.TypeOf<ModelTrackException>().With.Message.Contains("another one"));
        Assert.That(Directory.Exists(Destination), Is.False);
    }

    [Test]
    public void A_cancelled_copy_ends()
    {
        using var cancel = new CancellationTokenSource();
        _store.File("a", "1").File("b", "2").Open("a", () =>
        {
            cancel.Cancel();
            return new MemoryStream([1]);
        });

        Assert.That(() => Download("", token: cancel.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(File.Exists(_folder["out/b"]), Is.False);
    }

    private Task<string> Download(string path, int parallel = 1, IProgress<TransferProgress>? progress = null, CancellationToken token = default)
        => ArtifactDownload.RunAsync(ArtifactSource.Of(_backend, "r"), Destination, path, parallel, progress, token);

    private IEnumerable<string> Files() => Directory.GetFiles(Destination, "*", SearchOption.AllDirectories)
        .Select(f => Path.GetRelativePath(Destination, f).Replace('\\', '/') + "=" + File.ReadAllText(f));

    private sealed class Reports(List<TransferProgress> reports) : IProgress<TransferProgress>
    {
        public void Report(TransferProgress value)
        {
            lock (reports)
            {
                reports.Add(value);
            }
        }
    }

    private sealed class BrokenStream : MemoryStream
    {
        private bool _began;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_began)
            {
                throw new IOException("reset");
            }

            _began = true;
            buffer.Span[0] = 1;
            return ValueTask.FromResult(1);
        }
    }
}
