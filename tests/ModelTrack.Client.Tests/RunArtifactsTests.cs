using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ModelTrack.Client.Tests;

[TestFixture(StoreKind.Folder)]
[TestFixture(StoreKind.Memory)]
internal sealed partial class RunArtifactsTests(StoreKind kind)
{
    private static readonly byte[] Png =
        Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==");

    private StoreUnderTest _store = null!;
    private Tracker _tracker = null!;
    private Run _run = null!;

    [SetUp]
    public void SetUp()
    {
        _store = new StoreUnderTest(kind);
        _tracker = _store.Open();
        _run = _tracker.StartRun();
    }

    [TearDown]
    public void TearDown()
    {
        _run.Dispose();
        _tracker.Dispose();
        _store.Dispose();
    }

    [Test]
    public async Task A_file_may_be_deleted_when_the_call_has_returned()
    {
        var file = _store.Scratch.Write("confusion.csv", "1,2");
        _run.LogArtifact(file, artifactPath: "reports/final").LogArtifact(file);
        File.Delete(file);

        Assert.That(await Text("reports/final/confusion.csv"), Is.EqualTo("1,2"));
        Assert.That(await Text("confusion.csv"), Is.EqualTo("1,2"));
    }

    [Test]
    public async Task A_folder_is_stored_with_the_folders_below_it()
    {
        _store.Scratch.Write("out/a.txt", "a");
        _store.Scratch.Write("out/x/y/b.txt", "b");
        _run.LogArtifacts(_store.Scratch["out"], "model").LogArtifacts(_store.Scratch["out"] + "/");

        Assert.That(await Paths(), Is.EqualTo(new[] { "a.txt", "model/a.txt", "model/x/y/b.txt", "x/y/b.txt" }));
    }

    [Test]
    public async Task Bytes_streams_and_texts_are_stored_as_they_are()
    {
        using var stream = new MemoryStream([9, 1, 2, 3]);
        stream.ReadByte();
        _run.LogArtifact([0, 255], "b/bytes.bin").LogArtifact(stream, "b/stream.bin").LogText("t.txt", "é漢\n").LogText("empty.txt", "");

        Assert.Multiple(async () =>
        {
            Assert.That(await Bytes("b/bytes.bin"), Is.EqualTo(new byte[] { 0, 255 }));
            Assert.That(await Bytes("b/stream.bin"), Is.EqualTo(new byte[] { 1, 2, 3 }));
            Assert.That(await Bytes("t.txt"), Is.EqualTo(Encoding.UTF8.GetBytes("é漢\n")));
            Assert.That(await Bytes("empty.txt"), Is.Empty);
            Assert.That(stream.CanRead, "not disposed");
        });
    }

    [Test]
    public async Task Json_comes_from_any_object_or_from_generated_code()
    {
        _run.LogJson("a.json", new { trees = 3, names = new[] { "x" } }).LogJson("b.json", new Config(0.5), ConfigJson.Default.Config).LogJson("c.json", null);

        using var a = JsonDocument.Parse(await Text("a.json"));
        using var b = JsonDocument.Parse(await Text("b.json"));
        Assert.Multiple(async () =>
        {
            Assert.That(a.RootElement.GetProperty("trees").GetInt32(), Is.EqualTo(3));
            Assert.That(b.RootElement.GetProperty("Rate").GetDouble(), Is.EqualTo(0.5));
            Assert.That(await Text("c.json"), Is.EqualTo("null"));
        });
    }

    [Test]
    public async Task The_later_artifact_of_a_path_replaces_the_earlier()
    {
        _run.LogText("a.txt", "a longer text").LogText("a.txt", "short");

        Assert.That(await Text("a.txt"), Is.EqualTo("short"));
    }

    [Test]
    public async Task Tables_are_listed_in_a_tag_once_each()
    {
        _run.LogTable("one.json", ["x", "y"], [[1, "a"], [double.NaN, null]]).LogTable("t/two.json", ["x"], []).LogTable("one.json", ["x"], [[1]]);
        await _tracker.FlushAsync();

        var tag = (await _tracker.Runs.GetAsync(_run.Id)).Tags["mlflow.loggedArtifacts"];
        using var listed = JsonDocument.Parse(tag);
        Assert.That(listed.RootElement.EnumerateArray().Select(item => item.GetProperty("path").GetString()), Is.EqualTo(new[] { "one.json", "t/two.json" }));
        Assert.That(listed.RootElement[0].GetProperty("type").GetString(), Is.EqualTo("table"));
    }

    [Test]
    public async Task Rows_are_added_to_a_table_that_is_there_by_the_names_of_the_columns()
    {
        _run.LogTable("t.json", ["x", "y"], [[1, "é"], [double.NaN, null]])
            .LogTable("t.json", ["z", "x"], [[true, 2.5]])
            .LogTable("t.json", ["y"], []);

        Assert.That(await Text("t.json"), Is.EqualTo(
            """{"columns":["x","y","z"],"data":[[1,"\u00E9",null],[null,null,null],[2.5,null,true]]}"""));
    }

    [Test]
    public async Task A_file_that_is_no_table_stays_as_it_is()
    {
        foreach (var content in new[] { "", "[]", """{"columns":["a"]}""", """{"columns":[1],"data":[]}""", """{"columns":["a"],"data":[[1,2]]}""" })
        {
            _run.LogText("t.json", content);

            Assert.That(
                () => _run.LogTable("t.json", ["a"], [[1]]),
                Throws.InstanceOf<ModelTrackException>().With.Message.Contains("'t.json'"), content);
            Assert.That(await Text("t.json"), Is.EqualTo(content));
        }
    }

    [Test]
    public async Task Tables_of_before_stay_listed_when_the_run_is_resumed()
    {
        _run.LogTable("one.json", ["x"], [[1]]);
        await _run.EndAsync();
        using var again = _tracker.StartRun(runId: _run.Id);
        again.LogTable("two.json", ["x"], [[1]]);
        await again.EndAsync();

        Assert.That((await _tracker.Runs.GetAsync(_run.Id)).Tags["mlflow.loggedArtifacts"], Does.Contain("one.json").And.Contain("two.json"));
    }

    [Test]
    public async Task A_picture_of_a_step_has_a_thumbnail_and_a_tag()
    {
        _run.LogImage(Png, "roc/curve", step: 3, timestamp: DateTimeOffset.UnixEpoch.AddMilliseconds(1234));
        await _tracker.FlushAsync();

        var paths = await Paths();
        Assert.Multiple(async () =>
        {
            Assert.That(paths, Has.Length.EqualTo(2));
            Assert.That(paths, Has.All.Match("^images/roc~curve\\+step\\+3\\+timestamp\\+1234\\+[0-9a-f-]{36}(\\+compressed\\.webp|\\.png)$"));
            Assert.That((await _tracker.Runs.GetAsync(_run.Id)).Tags, Contains.Key("mlflow.loggedImages"));
        });
    }

    [TestCase("../up.txt")]
    [TestCase("a/../../up.txt")]
    [TestCase("/etc/passwd")]
    [TestCase("C:/x.txt")]
    [TestCase("a\\b.txt")]
    [TestCase("a//b.txt")]
    [TestCase("./a.txt")]
    [TestCase("a/.")]
    [TestCase("%2e%2e/up.txt")]
    [TestCase("")]
    [TestCase("a\0b")]
    public async Task A_path_that_leads_elsewhere_is_refused(string path)
    {
        var file = _store.Scratch.Write("f.txt", "x");
        var before = _store.Files();
        Assert.Multiple(() =>
        {
            Assert.That(() => _run.LogText(path, "x"), Refusal());
            Assert.That(() => _run.LogArtifact([1], path), Refusal());
            Assert.That(() => _run.LogArtifact(new MemoryStream(), path), Refusal());
            Assert.That(() => _run.LogJson(path, 1), Refusal());
            Assert.That(() => _run.LogTable(path, ["c"], [[1]]), Throws.InstanceOf<ArgumentException>());
            if (path.Length > 0)
            {
                Assert.That(() => _run.LogArtifact(file, path), Refusal());
                Assert.That(() => _run.LogArtifacts(_store.Scratch.Path, path), Refusal());
            }
        });
        await _tracker.FlushAsync();
        Assert.That(_store.Files(), Is.EqualTo(before));

        static NUnit.Framework.Constraints.ContainsConstraint Refusal() =>
            Throws.InstanceOf<ArgumentException>().With.Message.Contains("no artifact path");
    }

    [Test]
    public void What_is_not_there_is_said_precisely()
    {
        var file = _store.Scratch.Write("f.txt", "x");
        Assert.Multiple(() =>
        {
            Assert.That(() => _run.LogArtifact(_store.Scratch["none.txt"]), Throws.TypeOf<FileNotFoundException>().With.Message.Contains("none.txt"));
            Assert.That(() => _run.LogArtifacts(_store.Scratch["none"]), Throws.TypeOf<DirectoryNotFoundException>().With.Message.Contains("none"));
            Assert.That(() => _run.LogArtifact(_store.Scratch.Path), Throws.InstanceOf<ArgumentException>().With.Message.Contains("LogArtifacts"));
            Assert.That(() => _run.LogArtifacts(file), Throws.TypeOf<DirectoryNotFoundException>().With.Message.Contains("LogArtifact"));
            Assert.That(() => _run.LogArtifact((string)null!), Throws.ArgumentNullException);
            Assert.That(() => _run.LogArtifact(""), Throws.ArgumentException);
            Assert.That(() => _run.LogArtifact((byte[])null!, "a"), Throws.ArgumentNullException);
            Assert.That(() => _run.LogText("a", null!), Throws.ArgumentNullException);
            Assert.That(() => _run.LogText(null!, "a"), Throws.ArgumentNullException);
        });
    }

    [Test]
    public async Task A_file_and_a_folder_of_one_path_exclude_each_other()
    {
        _run.LogText("a", "x").LogText("b/c", "x");
        var before = _store.Files();

        Assert.That(() => _run.LogText("a/b", "y"), Throws.TypeOf<ModelTrackException>().With.Message.Contains("a/b"));
        Assert.That(() => _run.LogText("b", "y"), Throws.TypeOf<ModelTrackException>().With.Message.Contains("'b'"));
        Assert.That(_store.Files(), Is.EqualTo(before));
        Assert.That(await Text("a"), Is.EqualTo("x"));
    }

    [Test]
    public async Task A_stream_that_fails_leaves_nothing_behind()
    {
        _run.LogText("a.txt", "old");
        var before = _store.Files();

        Assert.That(() => _run.LogArtifact(new FailingStream(), "a.txt"), Throws.TypeOf<IOException>().With.Message.EqualTo("the disk is on fire"));

        Assert.That(_store.Files(), Is.EqualTo(before));
        Assert.That(await Text("a.txt"), Is.EqualTo("old"));
    }

    [Test]
    public async Task A_picture_or_table_of_the_wrong_form_is_refused_whole()
    {
        Assert.Multiple(() =>
        {
            Assert.That(() => _run.LogImage([1, 2, 3], "k"), Throws.ArgumentException.With.Message.Contains("PNG"));
            Assert.That(() => _run.LogImage(Png, "a#b"), Throws.ArgumentException.With.Message.Contains("a#b"));
            Assert.That(() => _run.LogImage(Png, "k", timestamp: DateTimeOffset.UnixEpoch.AddSeconds(-1)), Throws.InstanceOf<ArgumentException>());
            Assert.That(() => _run.LogTable("t.csv", ["a"], [[1]]), Throws.ArgumentException.With.Message.Contains("t.csv"));
            Assert.That(() => _run.LogTable("t.json", ["a", "b"], [[1]]), Throws.ArgumentException);
        });
        await _tracker.FlushAsync();

        Assert.That(await Paths(), Is.Empty);
        Assert.That((await _tracker.Runs.GetAsync(_run.Id)).Tags.Keys, Has.None.StartsWith("mlflow.logged"));
    }

    private async Task<string> Text(string path) => Encoding.UTF8.GetString(await Bytes(path));

    private async Task<byte[]> Bytes(string path)
    {
        await using var stream = await _tracker.Runs.OpenArtifactAsync(_run.Id, path);
        var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes);
        return bytes.ToArray();
    }

    private async Task<string[]> Paths()
    {
        var found = new List<string>();
        var folders = new Queue<string>([""]);
        while (folders.TryDequeue(out var folder))
        {
            foreach (var entry in await _tracker.Runs.ListArtifactsAsync(_run.Id, folder))
            {
                if (entry.IsDirectory)
                {
                    folders.Enqueue(entry.Path);
                }
                else
                {
                    found.Add(entry.Path);
                }
            }
        }

        return [.. found.Order(StringComparer.Ordinal)];
    }

    private sealed record Config(double Rate);

    [JsonSerializable(typeof(Config))]
    private sealed partial class ConfigJson : JsonSerializerContext;

    private sealed class FailingStream : MemoryStream
    {
        private int _reads;

        public override Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken) => Fail(destination);

        public override int Read(Span<byte> buffer) => throw new IOException("the disk is on fire");

        public override int Read(byte[] buffer, int offset, int count) => throw new IOException("the disk is on fire");

        private async Task Fail(Stream destination)
        {
            await destination.WriteAsync(new byte[1000 + _reads++]);
            throw new IOException("the disk is on fire");
        }
    }
}
