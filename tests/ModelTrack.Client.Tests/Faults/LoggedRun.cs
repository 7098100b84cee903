using System.Diagnostics;
using System.Globalization;
using System.Text;
using ModelTrack.Client.Fakes;

namespace ModelTrack.Client.Tests.Faults;

/// <summary>A run as a training has it: logs, remembers what it logged and how long the calls took, and compares a server's run with that.</summary>
internal sealed class LoggedRun(Run run)
{
    private static readonly long Start = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds();

    private readonly Dictionary<string, string> _params = [];
    private readonly Dictionary<string, string?> _tags = [];
    private readonly Dictionary<string, List<FakePoint>> _points = [];
    private readonly Dictionary<string, byte[]> _files = [];
    private readonly Dictionary<string, string> _inputs = [];

    public Run Run => run;

    public string Name { get; } = run.Name;

    /// <summary>The longest that a log call took.</summary>
    public TimeSpan Longest { get; private set; }

    public string Status { get; set; } = "FINISHED";

    /// <summary>Params, tags, a file, and some points of several keys for each step, among them what is no number and what is logged twice.</summary>
    public void Train(int steps, int from = 0)
    {
        if (from == 0)
        {
            Param("lr", "0.1");
            Param("text", "ü → \"quoted\" 2026-01-01T00:00:00Z");
            Tag("team", "oncology");
            Tag("gone", "soon");
            Tag("gone", null);
            File("reports/table.csv", "a;b\n1;2\n");
            Input("train.csv", "training");
            Input("test.csv", "eval");
        }

        Points(steps, from);
        Tag("steps", (from + steps).ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>The points alone.</summary>
    public void Points(int steps, int from = 0)
    {
        for (var step = from; step < from + steps; step++)
        {
            Metric("loss", 1.0 / (step + 1), step);
            Metric("odd/value", (step % 4) switch { 0 => double.NaN, 1 => double.PositiveInfinity, 2 => double.NegativeInfinity, _ => -0.0 }, step);
            Metric("twice", step / 3, step / 3);
            Metric("twice", step / 3, step / 3);
            if (step % 10 == 0)
            {
                Metric("val.acc", step, step);
            }
        }
    }

    public void Param(string key, string value)
    {
        Measure(() => run.LogParam(key, value));
        _params[key] = value;
    }

    public void Tag(string key, string? value)
    {
        Measure(() => _ = value is null ? run.DeleteTag(key) : run.SetTag(key, value));
        _tags[key] = value;
    }

    public void Metric(string key, double value, long step)
    {
        var time = Start + step;
        Measure(() => run.LogMetric(key, value, step, DateTimeOffset.FromUnixTimeMilliseconds(time)));
        if (!_points.TryGetValue(key, out var points))
        {
            _points[key] = points = [];
        }

        points.Add(new FakePoint(value, step, time));
    }

    public void File(string path, string text)
    {
        Measure(() => run.LogText(path, text));
        _files[path] = Encoding.UTF8.GetBytes(text);
    }

    public void Input(string name, string context)
    {
        Measure(() => run.LogInput(DatasetInput.FromSource($"https://data.invalid/{name}", name, "1a2b3c4d"), context));
        _inputs[name] = context;
    }

    /// <summary>What was logged of a key is not expected to be stored.</summary>
    public void Forget(string key) => _points.Remove(key);

    /// <summary>The server keeps another value of a param than was logged.</summary>
    public void Stored(string param, string value) => _params[param] = value;

    public void End() => Measure(() => run.End());

    /// <summary>Each point as often as promised, in the order in which it was logged.</summary>
    public void AssertIsStored(FakeState state, StoreSemantics semantics)
    {
        var stored = state.Runs.Where(other => other.Name == Name).ToList();
        Assert.That(stored, Has.Count.EqualTo(1), $"There is one run '{Name}' on the server.");
        var its = stored[0];
        Assert.That(its.MetricKeys, Is.EquivalentTo(_points.Keys), Name);
        foreach (var (key, points) in _points)
        {
            var expected = semantics == StoreSemantics.FileStore ? points : points.Select(Row).Distinct().ToList();
            Assert.That(Say(state.GetHistory(its.Id, key)), Is.EqualTo(Say(expected)), $"{Name}: {key}");
        }

        Assert.That(its.Params, Is.EquivalentTo(_params), Name);
        foreach (var (key, value) in _tags)
        {
            Assert.That(its.Tags.GetValueOrDefault(key), Is.EqualTo(value), $"{Name}: {key}");
        }

        foreach (var (path, content) in _files)
        {
            var place = $"{its.ArtifactUri["mlflow-artifacts:".Length..].Trim('/')}/{path}";
            Assert.That(state.Artifacts.Keys, Does.Contain(place), Name);
            Assert.That(state.Artifacts[place].ToArray(), Is.EqualTo(content), place);
        }

        Assert.That(its.DatasetInputs.Select(input => (input.Dataset.Name, input.Tags.Single().Value)), Is.EquivalentTo(
            _inputs.Select(input => (input.Key, input.Value))), Name);
        Assert.That(its.Status, Is.EqualTo(Status), Name);
    }

    /// <summary>As a database has it.</summary>
    private static FakePoint Row(FakePoint point) => point with
    {
        Value = double.IsInfinity(point.Value) ? Math.CopySign(double.MaxValue, point.Value) : point.Value == 0 ? 0 : point.Value,
    };

    private static List<string> Say(IEnumerable<FakePoint> points) => [.. points.Select(point => point.ToString())];

    private void Measure(Action call)
    {
        var start = Stopwatch.GetTimestamp();
        call();
        var took = Stopwatch.GetElapsedTime(start);
        Longest = took > Longest ? took : Longest;
    }
}
