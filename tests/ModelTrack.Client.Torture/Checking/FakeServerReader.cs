using System.Text;
using ModelTrack.Client.Fakes;

namespace ModelTrack.Client.Torture.Checking;

/// <summary>Reads the memory of a fake server: no code of the client's is between.</summary>
internal static class FakeServerReader
{
    public static IEnumerable<StoredRun> Read(FakeServer server)
    {
        var state = server.State;
        var files = state.Artifacts;
        foreach (var run in state.Runs.Where(run => !run.IsDeleted))
        {
            var folder = run.ArtifactUri["mlflow-artifacts:".Length..].Trim('/') + "/";
            yield return new StoredRun(
                run.Id,
                run.Name,
                Enum.Parse<RunStatus>(run.Status, ignoreCase: true),
                run.Tags.GetValueOrDefault("mlflow.parentRunId"),
                run.MetricKeys.ToDictionary(
                    key => key,
                    key => (IReadOnlyList<MetricPoint>)[.. run.GetHistory(key).Select(point => new MetricPoint(point.Value, point.Step, point.Timestamp))]),
                run.Params,
                run.Tags,
                files.Where(file => file.Key.StartsWith(folder, StringComparison.Ordinal))
                    .ToDictionary(file => file.Key[folder.Length..], file => Encoding.UTF8.GetString(file.Value.Span)));
        }
    }
}
