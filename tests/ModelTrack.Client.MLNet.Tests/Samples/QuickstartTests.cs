using System.Diagnostics;
using ModelTrack.Client.Fakes;

namespace ModelTrack.Client.MLNet.Tests.Samples;

/// <summary>What README's first command starts, into a folder and into a server.</summary>
internal sealed class QuickstartTests
{
    private DirectoryInfo _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("modeltrack-tests-");

    [TearDown]
    public void RemoveFolder() => _folder.Delete(recursive: true);

    [Test]
    [CancelAfter(120_000)]
    public async Task A_folder_and_servers_get_the_same_runs_and_the_same_registry(CancellationToken cancellationToken)
    {
        var folder = Path.Combine(_folder.FullName, "mlruns");
        await StartAsync(folder, cancellationToken);
        var expected = await DescribeAsync(folder, cancellationToken);
        Assert.That(expected, Does.Contain("breast-cancer 1 ").And.Contain("aliases champion").And.Contain("sdca Finished"));

        foreach (var semantics in new[] { StoreSemantics.Sql, StoreSemantics.FileStore })
        {
            await using var server = await FakeServer.StartAsync(new FakeServerOptions { Semantics = semantics });
            await StartAsync(server.Url.AbsoluteUri, cancellationToken);
            Assert.That(await DescribeAsync(server.Url.AbsoluteUri, cancellationToken), Is.EqualTo(expected), semantics.ToString());
        }
    }

    private static string Program()
    {
        var folder = new DirectoryInfo(TestContext.CurrentContext.TestDirectory);
        return Path.Combine(folder.Parent!.Parent!.FullName, "Quickstart", folder.Name, "Quickstart.dll");
    }

    private async Task StartAsync(string trackingUri, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("dotnet", [Program(), "--trees", "4"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _folder.FullName,
        };
        foreach (var variable in start.Environment.Keys.Where(key => key.StartsWith("MLFLOW_", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(variable);
        }

        start.Environment["MLFLOW_TRACKING_URI"] = trackingUri;
        start.Environment["MODELTRACK_JOURNAL_DIR"] = Path.Combine(_folder.FullName, "journals");
        start.Environment["MODELTRACK_MODEL_CACHE_DIR"] = Path.Combine(_folder.FullName, "cache");
        using var process = Process.Start(start)!;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var errors = process.StandardError.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            Assert.That(process.ExitCode, Is.Zero, $"{await output}{await errors}");
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }

    /// <summary>What a person would call the content: without ids, times and places.</summary>
    private async Task<string> DescribeAsync(string trackingUri, CancellationToken cancellationToken)
    {
        using var tracker = new Tracker(new TrackerOptions
        {
            TrackingUri = trackingUri,
            JournalDirectory = Path.Combine(_folder.FullName, "journals"),
        });
        List<string> lines = [];
        Dictionary<string, string> runNames = [];
        await foreach (var run in tracker.Runs.SearchAsync("breast-cancer", cancellationToken: cancellationToken))
        {
            runNames[run.Id] = run.Name;
            var metrics = run.Metrics.OrderBy(metric => metric.Key, StringComparer.Ordinal).Select(metric => $"{metric.Key} {metric.Value.Value:R}");
            var parameters = run.Params.OrderBy(param => param.Key, StringComparer.Ordinal).Select(param => $"{param.Key} {param.Value}");
            lines.Add($"{run.Name} {run.Status}: {string.Join(", ", metrics)}; {string.Join(", ", parameters)}");
        }

        lines.Sort(StringComparer.Ordinal);
        await foreach (var model in tracker.Registry.SearchModelsAsync(cancellationToken: cancellationToken))
        {
            lines.Add($"{model.Name} '{model.Description}' {Text(model.Tags)}");
        }

        await foreach (var version in tracker.Registry.SearchVersionsAsync(cancellationToken: cancellationToken))
        {
            var whole = await tracker.Registry.GetVersionAsync(version.Name, version.Version, cancellationToken);
            lines.Add($"{whole.Name} {whole.Version} of {runNames[whole.RunId!]}: '{whole.Description}' {whole.Stage} {whole.Status} {Text(whole.Tags)} "
                + $"aliases {string.Join(",", whole.Aliases)}");
        }

        return string.Join('\n', lines);
    }

    private static string Text(IReadOnlyDictionary<string, string> tags)
        => string.Join(", ", tags.OrderBy(tag => tag.Key, StringComparer.Ordinal).Select(tag => $"{tag.Key}={tag.Value}"));
}
