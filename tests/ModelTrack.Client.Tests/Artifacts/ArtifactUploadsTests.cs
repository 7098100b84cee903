using ModelTrack.Client.Backends.Memory;

namespace ModelTrack.Client.Tests.Artifacts;

internal sealed class ArtifactUploadsTests
{
    private ScratchFolder _folder = null!;

    [SetUp]
    public void SetUp() => _folder = new ScratchFolder();

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [Test]
    public void A_folder_is_listed_with_the_paths_that_its_files_get()
    {
        _folder.Write("a.txt", "1");
        _folder.Write("sub/deep/b c.txt", "2");
        Directory.CreateDirectory(_folder["empty"]);

        var files = ArtifactUploads.ListFolder(_folder.Path, "model");

        Assert.That(files, Is.EquivalentTo(new[]
        {
            new ArtifactFile(_folder["a.txt"], "model/a.txt"),
            new ArtifactFile(_folder["sub/deep/b c.txt"], "model/sub/deep/b c.txt"),
        }));
    }

    [Test]
    public void A_file_that_cannot_be_an_artifact_refuses_the_folder()
    {
        Assume.That(OperatingSystem.IsWindows(), Is.False);
        _folder.Write("a.txt", "1");
        _folder.Write("b#.txt", "2");

        Assert.That(() => ArtifactUploads.ListFolder(_folder.Path, null), Throws.ArgumentException.With.Message.Contains("b#.txt"));
    }

    [Test]
    public void A_missing_folder_is_named()
    {
        _folder.Write("file", "1");

        Assert.That(() => ArtifactUploads.ListFolder(_folder["none"], null), Throws.TypeOf<DirectoryNotFoundException>());
        Assert.That(
            () => ArtifactUploads.ListFolder(_folder["file"], null),
            Throws.TypeOf<DirectoryNotFoundException>().With.Message.Contains("LogArtifact"));
    }

    [Test]
    public async Task Files_are_stored_and_their_progress_is_told()
    {
        using var backend = new MemoryBackend(TimeProvider.System);
        var run = await backend.CreateRunAsync(new() { ExperimentId = "0", StartTime = DateTimeOffset.UnixEpoch }, default);
        var files = Enumerable.Range(0, 20)
            .Select(i => new ArtifactFile(_folder.Write($"{i}.bin", new string('x', i)), $"sub/{i}.bin")).ToList();
        var progress = new Reports();

        await ArtifactUploads.RunAsync(backend, run.Id, files, 4, progress, default);

        var stored = await backend.ListArtifactsAsync(run.Id, "sub", default);
        Assert.That(stored.Select(a => (a.Path, a.Size)), Is.EquivalentTo(files.Select((f, i) => (f.Path, (long?)i))));
        Assert.That(progress.All.Select(r => r.FilesDone).Max(), Is.EqualTo(20));
        Assert.That(progress.All.Select(r => r.FilesTotal), Is.All.EqualTo(20));
        Assert.That(progress.All.Where(r => r.Bytes == r.TotalBytes).Select(r => r.Path).Distinct(), Is.EquivalentTo(files.Select(f => f.Path)));
    }

    [Test]
    public async Task The_first_failure_ends_it()
    {
        using var backend = new MemoryBackend(TimeProvider.System);
        var run = await backend.CreateRunAsync(new() { ExperimentId = "0", StartTime = DateTimeOffset.UnixEpoch }, default);
        var files = new[] { new ArtifactFile(_folder["missing"], "a"), new ArtifactFile(_folder.Write("b", "1"), "b") };

        Assert.That(() => ArtifactUploads.RunAsync(backend, run.Id, files, 1, null, default), Throws.TypeOf<FileNotFoundException>());
        Assert.That(await backend.ListArtifactsAsync(run.Id, "", default), Is.Empty);
    }

    [Test]
    public void A_report_comes_about_once_a_megabyte_and_when_bytes_are_lost()
    {
        var progress = new Reports();
        var file = new TransferReport(progress, 1).Of("a", 10 << 20)!;

        for (var i = 0; i <= 80; i++)
        {
            file.Report(i * (128 << 10));
        }

        file.Report(0);

        Assert.That(progress.All.Select(r => r.Bytes >> 20), Is.EqualTo(new[] { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0 }));
    }

    private sealed class Reports : IProgress<TransferProgress>
    {
        private readonly List<TransferProgress> _all = [];

        public IReadOnlyList<TransferProgress> All
        {
            get
            {
                lock (_all)
                {
                    return [.. _all];
                }
            }
        }

        public void Report(TransferProgress value)
        {
            lock (_all)
            {
                _all.Add(value);
            }
        }
    }
}
