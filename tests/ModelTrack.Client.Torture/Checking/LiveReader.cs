namespace ModelTrack.Client.Torture.Checking;

/// <summary>Reads a living server through the client.</summary>
internal static class LiveReader
{
    public static async Task<List<StoredRun>> ReadAsync(Tracker tracker, string experiment)
    {
        var runs = new List<StoredRun>();
        await foreach (var run in tracker.Runs.SearchAsync(experiment, orderBy: "attributes.start_time"))
        {
            var points = new Dictionary<string, IReadOnlyList<MetricPoint>>();
            foreach (var key in run.Metrics.Keys)
            {
                points[key] = await tracker.Runs.GetMetricHistoryAsync(run.Id, key).ToListAsync();
            }

            runs.Add(new StoredRun(
                run.Id, run.Name, run.Status, run.ParentRunId, points, run.Params.ToDictionary(), run.Tags.ToDictionary(), await ReadFilesAsync(tracker, run.Id)));
        }

        return runs;
    }

    private static async Task<Dictionary<string, string>> ReadFilesAsync(Tracker tracker, string runId)
    {
        var folder = Directory.CreateTempSubdirectory("modeltrack-").FullName;
        try
        {
            if (await tracker.Runs.ListArtifactsAsync(runId) is { Count: 0 })
            {
                return [];
            }

            await tracker.Runs.DownloadArtifactsAsync(runId, folder);
            return Directory.GetFiles(folder, "*", SearchOption.AllDirectories).ToDictionary(
                path => Path.GetRelativePath(folder, path).Replace('\\', '/'), path => File.ReadAllText(path));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
