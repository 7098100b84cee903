using Microsoft.Extensions.Time.Testing;

namespace ModelTrack.Client.Tests.Models;

/// <summary>The cache of models: damage, room, and stores that misbehave.</summary>
internal sealed class ModelCacheTests
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 23, 0, 0, 0, TimeSpan.Zero));
    private ScratchFolder _scratch = null!;
    private FakeModels _source = null!;

    [SetUp]
    public void MakeFolder()
    {
        _scratch = new ScratchFolder();
        _source = new FakeModels();
        _source.Files["MLmodel"] = "flavors: {}\nmodel_uuid: a\n";
        _source.Files["data/weights"] = new string('w', 1000);
    }

    [TearDown]
    public void RemoveFolder() => _scratch.Dispose();

    private Tracker Open(Action<TrackerOptions>? configure = null)
    {
        var options = new TrackerOptions
        {
            TrackingUri = _scratch["mlruns"],
            ModelCacheDirectory = _scratch["cache"],
            TimeProvider = _clock,
            CaptureContext = false,
        };
        options.ArtifactRepositories["test"] = _ => _source;
        configure?.Invoke(options);
        return new Tracker(options, StoreUnderTest.NoVariables);
    }

    private string[] Entries()
        => Directory.Exists(_scratch["cache/models"]) ? [.. Directory.EnumerateDirectories(_scratch["cache/models"]).Order()] : [];

    [TestCase(true)]
    [TestCase(false)]
    public async Task Damage_is_noticed_and_repaired_or_told(bool isSameProcess)
    {
        using var tracker = Open();
        var model = await tracker.Models.DownloadAsync("test://x/model");
        using var another = isSameProcess ? null : Open();
        var models = (another ?? tracker).Models;
        var file = Path.Combine(model.Path, "data", "weights");
        var time = File.GetLastWriteTimeUtc(file);
        Action[] damages =
        [
            () =>
            {
                File.WriteAllText(file, new string('x', 1000));
                File.SetLastWriteTimeUtc(file, isSameProcess ? time.AddSeconds(1) : time);
            },
            () => File.WriteAllText(file, "short"),
            () => File.Delete(file),
            () => File.WriteAllText(Path.Combine(model.Path, "..", "index.json"), "{"),
            () => File.WriteAllText(Path.Combine(model.Path, "..", "index.json"), """{"uri":"x","files":[{"path":"../../evil","size":1,"sha256":"00"}]}"""),
        ];
        foreach (var damage in isSameProcess ? damages : damages[..1])
        {
            damage();
            var error = Assert.ThrowsAsync<ModelTrackException>(() => models.DownloadAsync("test://x/model", cacheOnly: true));
            Assert.That(error!.ErrorCode, Is.EqualTo(ErrorCode.InvalidState));
            Assert.That(error.Message, Does.Contain("test://x/model").And.Contain("cannot be used").And.Match("data/weights|index"));
            var repaired = await models.DownloadAsync("test://x/model");
            Assert.That(repaired.WasCached, Is.False);
            Assert.That(repaired.Path, Is.EqualTo(model.Path));
            Assert.That(File.ReadAllText(file), Is.EqualTo(_source.Files["data/weights"]));
            Assert.That((await models.DownloadAsync("test://x/model", cacheOnly: true)).WasCached);
        }
    }

    [Test]
    public async Task A_half_download_is_never_seen()
    {
        using var tracker = Open();
        _source.BeforeDownload = path => path == "data/weights" ? throw new IOException("The line is cut.") : Task.CompletedTask;
        Assert.ThrowsAsync<IOException>(() => tracker.Models.DownloadAsync("test://x/model"));
        Assert.That(Entries(), Is.Empty);
        Assert.That(Directory.EnumerateFileSystemEntries(_scratch["cache/new"]), Is.Empty);
        Assert.ThrowsAsync<ModelTrackException>(() => tracker.Models.DownloadAsync("test://x/model", cacheOnly: true));

        using var cancellation = new CancellationTokenSource();
        _source.BeforeDownload = _ => cancellation.CancelAsync();
        Assert.CatchAsync<OperationCanceledException>(() => tracker.Models.DownloadAsync("test://x/model", cancellationToken: cancellation.Token));
        Assert.That(Entries(), Is.Empty);

        _source.BeforeDownload = _ => Task.CompletedTask;
        Assert.That((await tracker.Models.DownloadAsync("test://x/model")).Manifest.ModelUuid, Is.EqualTo("a"));
    }

    [TestCase("../evil")]
    [TestCase("/etc/evil")]
    [TestCase("a/../../evil")]
    [TestCase("..\\evil")]
    [TestCase("C:\\evil")]
    [TestCase("%2e%2e/evil")]
    [TestCase("a\0b")]
    [TestCase("MLmodel")]
    public void Names_that_lead_out_of_the_model_are_refused(string name)
    {
        using var tracker = Open();
        _source.Listed.Add(name);
        var error = Assert.ThrowsAsync<ModelTrackException>(() => tracker.Models.DownloadAsync("test://x/model"));
        Assert.That(error!.ErrorCode, Is.EqualTo(ErrorCode.InvalidParameterValue));
        Assert.That(Entries(), Is.Empty);
    }

    [TestCase("a: !!python/object:x {}")]
    [TestCase("")]
    [TestCase("[1, 2")]
    public void What_has_no_proper_manifest_is_not_kept(string manifest)
    {
        using var tracker = Open();
        _source.Files["MLmodel"] = manifest;
        Assert.ThrowsAsync<InvalidDataException>(() => tracker.Models.DownloadAsync("test://x/model"));
        Assert.That(Entries(), Is.Empty);
    }

    [Test]
    public async Task What_was_not_used_for_the_longest_time_makes_room()
    {
        using var tracker = Open(options => options.ModelCacheByteCap = 4000);
        foreach (var name in new[] { "a", "b", "c" })
        {
            _clock.Advance(TimeSpan.FromMinutes(1));
            await tracker.Models.DownloadAsync($"test://{name}/model");
        }

        Assert.That(Entries(), Has.Length.LessThan(4));
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.That((await tracker.Models.DownloadAsync("test://b/model")).WasCached);
        _clock.Advance(TimeSpan.FromMinutes(1));
        _source.Files["data/weights"] = new string('w', 1500);
        await tracker.Models.DownloadAsync("test://d/model");
        Assert.That((await tracker.Models.DownloadAsync("test://b/model", cacheOnly: true)).WasCached);
        Assert.That((await tracker.Models.DownloadAsync("test://d/model", cacheOnly: true)).WasCached);
        foreach (var name in new[] { "a", "c" })
        {
            Assert.ThrowsAsync<ModelTrackException>(() => tracker.Models.DownloadAsync($"test://{name}/model", cacheOnly: true));
        }

        _source.Files["data/weights"] = new string('w', 5000);
        var huge = await tracker.Models.DownloadAsync("test://e/model");
        Assert.That(Entries(), Is.EqualTo([Path.GetDirectoryName(huge.Path)]));
    }

    [Test]
    public async Task Other_content_of_the_same_sizes_is_noticed_by_its_manifest()
    {
        using var tracker = Open();
        var before = await tracker.Models.DownloadAsync("test://x/model");
        _source.Downloads.Clear();
        await tracker.Models.DownloadAsync("test://x/model");
        Assert.That(_source.Downloads, Is.EqualTo(["MLmodel"]));
        _source.Files["MLmodel"] = "flavors: {}\nmodel_uuid: b\n";
        var after = await tracker.Models.DownloadAsync("test://x/model");
        Assert.That(after.Manifest.ModelUuid, Is.EqualTo("b"));
        Assert.That(before.Path, Is.Not.EqualTo(after.Path));
        Assert.That(ModelManifest.Load(before.Path).ModelUuid, Is.EqualTo("a"));
    }

    [Test]
    public async Task A_folder_may_be_named_as_it_is()
    {
        _scratch.Write("some/model/MLmodel", "run_id: r\n");
        using var tracker = Open();
        var model = await tracker.Models.DownloadAsync(_scratch["some/model"]);
        Assert.That(model.RunId, Is.EqualTo("r"));
        Assert.That(model.Path, Does.StartWith(_scratch["cache"]));
        Assert.That(Assert.ThrowsAsync<ModelTrackException>(() => tracker.Models.DownloadAsync(_scratch["absent"]))!.Message, Does.Contain("not on this machine"));
        var error = Assert.ThrowsAsync<ModelTrackException>(() => tracker.Models.DownloadAsync("s3://bucket/model"));
        Assert.That(error!.Message, Does.Contain("ArtifactRepositories[\"s3\"]"));
    }

    [Test]
    public async Task An_option_says_that_only_the_cache_is_asked()
    {
        using (var tracker = Open())
        {
            await tracker.Models.DownloadAsync("test://x/model");
        }

        using var offline = Open(options =>
        {
            options.ModelCacheOnly = true;
            options.ArtifactRepositories["test"] = _ => throw new InvalidOperationException("Nobody asks.");
        });
        Assert.That((await offline.Models.DownloadAsync("test://x/model")).Manifest.ModelUuid, Is.EqualTo("a"));
        Assert.ThrowsAsync<InvalidOperationException>(() => offline.Models.DownloadAsync("test://x/model", cacheOnly: false));
    }

    [Test]
    public async Task A_version_that_is_not_ready_is_refused()
    {
        using var tracker = Open();
        await tracker.Registry.RegisterModelAsync("cancer", "test://x/model");
        var meta = Path.Combine(_scratch["mlruns"], "models", "cancer", "version-1", "meta.yaml");
        var text = File.ReadAllText(meta);
        File.WriteAllText(meta, text.Replace("READY", "PENDING_REGISTRATION"));
        var pending = Assert.ThrowsAsync<ModelTrackException>(() => tracker.Models.DownloadAsync("models:/cancer/1"));
        Assert.That(pending!.ErrorCode, Is.EqualTo(ErrorCode.InvalidState));
        Assert.That(pending.Message, Does.Contain("Version 1").And.Contain("\"cancer\"").And.Contain("being registered"));
        Assert.That(pending.IsTransient);
        File.WriteAllText(meta, text.Replace("READY", "FAILED_REGISTRATION"));
        var failed = Assert.ThrowsAsync<ModelTrackException>(() => tracker.Models.ResolveAsync("models:/cancer/latest"));
        Assert.That(failed!.Message, Does.Contain("failed"));
        Assert.That(failed.IsTransient, Is.False);
    }

    [Test]
    public async Task A_variable_names_the_folder_when_no_option_does()
    {
        var environment = StoreUnderTest.Variables(("MODELTRACK_MODEL_CACHE_DIR", _scratch["by-variable"]));
        using var tracker = new Tracker(new TrackerOptions { TrackingUri = _scratch["mlruns"], CaptureContext = false }, environment);
        _scratch.Write("model/MLmodel", "flavors: {}\n");
        Assert.That((await tracker.Models.DownloadAsync(_scratch["model"])).Path, Does.StartWith(_scratch["by-variable"]));
    }

    [Test]
    public void Its_options_are_checked()
    {
        Assert.Throws<ArgumentException>(() => Open(options => options.ModelCacheByteCap = -1));
        Assert.Throws<ArgumentException>(() => Open(options => options.ModelCacheDirectory = " "));
    }

    [Test]
    public async Task A_trackers_memory_leaves_nothing_on_the_disk()
    {
        string folder;
        using (var tracker = Tracker.InMemory())
        {
            using var run = tracker.StartRun();
            run.LogText("model/MLmodel", "flavors: {}\n");
            await tracker.FlushAsync();
            folder = (await tracker.Models.DownloadAsync($"runs:/{run.Id}/model")).Folder;
            Assert.That(Directory.Exists(folder));
        }

        Assert.That(Directory.Exists(folder), Is.False);
    }
}
