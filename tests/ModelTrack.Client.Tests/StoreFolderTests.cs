using Microsoft.Extensions.Logging.Abstractions;
using ModelTrack.Client.Backends.Files;

namespace ModelTrack.Client.Tests;

/// <summary>What a tracker says to a tracking URI or to options that it cannot work with.</summary>
internal sealed class StoreFolderTests
{
    private ScratchFolder _scratch = null!;

    [SetUp]
    public void SetUp() => _scratch = new ScratchFolder();

    [TearDown]
    public void TearDown() => _scratch.Dispose();

    [Test]
    public void A_folder_of_other_things_is_refused_and_left_alone()
    {
        _scratch.Write("project/Program.cs", "");
        _scratch.Write("project/a.csproj", "");
        _scratch.Write("project/data/x.csv", "");
        _scratch.Write("project/z.txt", "");

        Assert.That(() => new Tracker(_scratch["project"]), Throws.TypeOf<ModelTrackException>()
            .With.Property("ErrorCode").EqualTo(ErrorCode.InvalidParameterValue)
            .And.Message.Contains($"'{_scratch["project"]}'")
            .And.Message.Contains("'Program.cs', 'a.csproj', 'data' and 1 more"));
        Assert.That(Directory.GetFileSystemEntries(_scratch["project"]), Has.Length.EqualTo(4));
    }

    [Test]
    public void An_experiments_folder_and_the_folder_above_the_store_are_refused_with_a_hint()
    {
        using (new Tracker(_scratch["work/mlruns"]))
        {
        }

        Assert.That(() => new Tracker(_scratch["work/mlruns/0"]), Throws.TypeOf<ModelTrackException>().With.Message.Contains("further up"));
        Assert.That(() => new Tracker(_scratch["work"]), Throws.TypeOf<ModelTrackException>().With.Message.Contains($"'{_scratch["work/mlruns"]}'"));
    }

    [TestCase("0/meta.yaml")]
    [TestCase("123456789012345678/meta.yaml")]
    [TestCase(".trash/x")]
    [TestCase("models/m/meta.yaml")]
    [TestCase(".modeltrack-abc.lock")]
    public void Anything_of_a_store_makes_a_folder_one(string path)
    {
        _scratch.Write("mlruns/README.md", "ours");
        _scratch.Write("mlruns/" + path, "");

        Assert.That(() => new FileBackend(_scratch["mlruns"], default, TimeProvider.System, NullLogger.Instance).Dispose(), Throws.Nothing);
    }

    [TestCase("0/tags/mlflow.note.content")]
    [TestCase("123456789012345678/.modeltrack-tmp-meta.yaml-1")]
    public void An_experiment_that_was_half_made_when_its_process_died_keeps_nobody_out(string path)
    {
        _scratch.Write("mlruns/" + path, "");

        using var tracker = new Tracker(new TrackerOptions { TrackingUri = _scratch["mlruns"], CaptureContext = false }, StoreUnderTest.NoVariables);
        using var run = tracker.StartRun(experiment: "e");
        Assert.That(run.HasId);
    }

    [TestCase("0/readme.txt")]
    [TestCase("0/data/x.csv")]
    [TestCase("abc/meta.yaml")]
    public void What_only_resembles_an_experiment_does_not(string path)
    {
        _scratch.Write("folder/" + path, "");

        Assert.That(() => new Tracker(_scratch["folder"]), Throws.TypeOf<ModelTrackException>());
    }

    [Test]
    public void An_empty_folder_becomes_a_store_and_hidden_files_do_not_count()
    {
        _scratch.Write("mlruns/.gitignore", "*");
        _scratch.Write("mlruns/.DS_Store", "");
        Directory.CreateDirectory(_scratch["empty"]);
        foreach (var folder in (string[])["mlruns", "empty"])
        {
            using var tracker = new Tracker(new TrackerOptions { TrackingUri = _scratch[folder], CaptureContext = false }, StoreUnderTest.NoVariables);
            using var run = tracker.StartRun();
            Assert.That(run.ExperimentId, Is.EqualTo("0"));
        }
    }

    [Test]
    public void A_file_is_no_store()
    {
        var file = _scratch.Write("mlruns", "text");

        Assert.That(() => new Tracker(file), Throws.TypeOf<ModelTrackException>().With.Message.Contains(file).And.Message.Contains("is a file"));
        Assert.That(() => new Tracker(file + "/below"), Throws.InstanceOf<IOException>().With.Message.Contains(file));
        Assert.That(File.ReadAllText(file), Is.EqualTo("text"));
    }

    [Test]
    public void A_folder_that_cannot_be_made_is_an_IOException()
    {
        Assume.That(Directory.Exists("/proc"));
        Assert.That(() => new Tracker("/proc/modeltrack/mlruns"), Throws.InstanceOf<IOException>().With.Message.Contains("/proc/modeltrack"));
    }

    [TestCase("sqlite:///mlflow.db", "sqlite:///mlflow.db")]
    [TestCase("postgresql://ada:s3cret@db:5432/mlflow", "ada")]
    [TestCase("mysql+pymysql://ada:s3cret@db/mlflow", "mysql")]
    public void A_database_says_to_point_at_a_server_and_keeps_the_password(string uri, string inMessage)
    {
        Assert.That(() => new Tracker(uri), Throws.TypeOf<NotSupportedException>()
            .With.Message.Contains("mlflow server").And.Message.Contains(inMessage).And.Message.Not.Contains("s3cret"));
    }

    [TestCase("http://ada:s3cret@mlflow:5000", "http://mlflow:5000")]
    [TestCase("https://mlflow.example.com/sub/", "https://mlflow.example.com/sub")]
    public void A_server_is_opened_without_being_asked_and_its_password_is_not_shown(string uri, string shown)
    {
        using var journals = new ScratchFolder();
        using var tracker = new Tracker(new TrackerOptions { TrackingUri = uri, JournalDirectory = journals.Path });
        Assert.That(tracker.TrackingUri, Is.EqualTo(shown));
    }

    [TestCase("")]
    [TestCase("  ")]
    [TestCase("ftp://host/x")]
    [TestCase("databricks")]
    [TestCase("http://")]
    public void What_is_no_tracking_URI_is_refused(string uri)
    {
        Assert.That(() => new Tracker(uri), Throws.ArgumentException);
    }

    [Test]
    public void Options_out_of_range_are_refused_with_name_and_rule()
    {
        Assert.Multiple(() =>
        {
            Check(o => o.JournalByteCap = 1000, nameof(TrackerOptions.JournalByteCap), "16 MiB");
            Check(o => o.JournalFullTimeout = TimeSpan.FromSeconds(-1), nameof(TrackerOptions.JournalFullTimeout), "zero or more");
            Check(o => o.ShutdownTimeout = TimeSpan.FromSeconds(-1), nameof(TrackerOptions.ShutdownTimeout), "zero or more");
            Check(o => o.FlushToDiskInterval = TimeSpan.Zero, nameof(TrackerOptions.FlushToDiskInterval), "more than zero");
            Check(o => o.StatusOfOpenRunsAtExit = RunStatus.Running, nameof(TrackerOptions.StatusOfOpenRunsAtExit), "Killed");
            Check(o => o.WhenJournalFull = (JournalFullMode)9, nameof(TrackerOptions.WhenJournalFull), "Refuse");
            Check(o => o.TimeProvider = null!, nameof(TrackerOptions.TimeProvider), "a clock");
            Check(o => o.JournalDirectory = " ", nameof(TrackerOptions.JournalDirectory), "a folder");
            Check(o => o.ExperimentName = "", "", "experiment name");
            Check(o => o.TrackingUri = "", "", "empty");
        });
        Assert.That(Directory.Exists(_scratch["mlruns"]), Is.False, "nothing is made before all is checked");

        void Check(Action<TrackerOptions> set, string name, string rule)
        {
            var options = new TrackerOptions { TrackingUri = _scratch["mlruns"] };
            set(options);
            Assert.That(() => new Tracker(options), Throws.InstanceOf<ArgumentException>().With.Message.Contains(name).And.Message.Contains(rule));
        }
    }

    [Test]
    public void A_journal_folder_that_is_a_file_is_an_IOException()
    {
        var options = new TrackerOptions { TrackingUri = _scratch["mlruns"], JournalDirectory = _scratch.Write("journals", "") };

        Assert.That(() => new Tracker(options), Throws.InstanceOf<IOException>().With.Message.Contains(_scratch["journals"]));
    }

    [Test]
    [NonParallelizable]
    public void A_tracker_of_nothing_makes_mlruns_in_the_current_folder()
    {
        var before = Environment.CurrentDirectory;
        Environment.CurrentDirectory = _scratch.Path;
        try
        {
            using var tracker = new Tracker(new TrackerOptions(), StoreUnderTest.NoVariables);
            Assert.That(Directory.Exists(_scratch["mlruns/0"]));
            Environment.CurrentDirectory = before;
            using var run = tracker.StartRun();
            Assert.That(File.Exists(_scratch[$"mlruns/0/{run.Id}/meta.yaml"]), "later changes of the current folder do not matter");
        }
        finally
        {
            Environment.CurrentDirectory = before;
        }
    }
}
