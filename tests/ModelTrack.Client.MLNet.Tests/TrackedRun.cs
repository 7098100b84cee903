using System.Text.Json;

namespace ModelTrack.Client.MLNet.Tests;

/// <summary>A run in memory, and what is stored of it.</summary>
internal sealed class TrackedRun : IDisposable
{
    private readonly Tracker _tracker = new(new TrackerOptions { TrackingUri = "memory:", CaptureContext = false });

    public TrackedRun() => Run = _tracker.StartRun("run", experiment: "e");

    public Run Run { get; }

    public async Task<RunSnapshot> StoredAsync()
    {
        var report = await _tracker.FlushAsync();
        Assert.That(report.Rejections, Is.Empty);
        return await _tracker.Runs.GetAsync(Run.Id);
    }

    public async Task<List<RunSnapshot>> ChildrenAsync()
    {
        await _tracker.FlushAsync();
        var children = new List<RunSnapshot>();
        await foreach (var child in _tracker.Runs.SearchAsync("e", $"tags.mlflow.parentRunId = '{Run.Id}'", orderBy: "run_name"))
        {
            children.Add(child);
        }

        return children;
    }

    public async Task<List<MetricPoint>> HistoryAsync(string key)
    {
        await _tracker.FlushAsync();
        var points = new List<MetricPoint>();
        await foreach (var point in _tracker.Runs.GetMetricHistoryAsync(Run.Id, key))
        {
            points.Add(point);
        }

        return points;
    }

    /// <summary>The rows of a table, each as its cells with blanks between.</summary>
    public async Task<List<string>> TableAsync(string path)
    {
        await _tracker.FlushAsync();
        await using var stream = await _tracker.Runs.OpenArtifactAsync(Run.Id, path);
        using var table = await JsonDocument.ParseAsync(stream);
        return [.. table.RootElement.GetProperty("data").EnumerateArray().Select(row => string.Join(' ', row.EnumerateArray()))];
    }

    public void Dispose()
    {
        Run.Dispose();
        _tracker.Dispose();
    }
}
