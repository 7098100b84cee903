using ModelTrack.Client.Backends;

namespace ModelTrack.Client.Tests.Backends;

/// <summary>Batches, histories, searches of runs and artifacts: what every backend does alike.</summary>
internal abstract class BackendBatchConformanceTests : BackendFixture
{
    [Test]
    public async Task A_batch_reads_back_as_it_was_logged()
    {
        var run = await CreateRunAsync();
        var refusals = await LogAsync(run, batch =>
        {
            batch.Params.AddRange([new("lr", "0.001"), new("note", "näme\nzwei")]);
            batch.Tags.Add(new("team", "oncology"));
            batch.Metrics.AddRange([Metric("loss", 0.5, 0), Metric("val/loss", 0.25, -1, 1), Metric("loss", 0.25, 1, 2)]);
            batch.Status = new StatusRecord(RunStatus.Finished, Start.AddSeconds(1));
        });
        Assert.That(refusals, Is.Empty);
        var stored = await GetRunAsync(run);
        Assert.Multiple(() =>
        {
            Assert.That(stored.Params, Is.EquivalentTo(new Dictionary<string, string> { ["lr"] = "0.001", ["note"] = "näme\nzwei" }));
            Assert.That(stored.Tags["team"], Is.EqualTo("oncology"));
            Assert.That(stored.Metrics.Keys, Is.EquivalentTo(new[] { "loss", "val/loss" }));
            Assert.That(stored.Metrics["loss"], Is.EqualTo(Metric("loss", 0.25, 1, 2).Point));
            Assert.That(stored.Metrics["val/loss"], Is.EqualTo(Metric("val/loss", 0.25, -1, 1).Point));
            Assert.That(stored.Status, Is.EqualTo(RunStatus.Finished));
            Assert.That(stored.EndTime, Is.EqualTo(Start.AddSeconds(1)));
        });
    }

    [Test]
    public async Task A_param_keeps_its_value_and_the_rest_of_the_batch_is_stored()
    {
        var run = await CreateRunAsync();
        await LogAsync(run, batch => batch.Params.Add(new("lr", "0.1")));
        var refusals = await LogAsync(run, batch =>
        {
            batch.Params.AddRange([new("lr", "0.1"), new("depth", "6"), new("lr", "0.2")]);
            batch.Metrics.Add(Metric("loss", 1, 0));
            batch.Tags.Add(new("a", "b"));
        });
        Assert.That(refusals.Select(r => (r.Part, r.Index)), Is.EqualTo(new[] { (BatchPart.Param, 2) }));
        Assert.That(refusals[0].Reason, Does.Contain("lr").And.Contain("0.1"));
        var stored = await GetRunAsync(run);
        Assert.That(stored.Params, Is.EquivalentTo(new Dictionary<string, string> { ["lr"] = "0.1", ["depth"] = "6" }));
        Assert.That(stored.Metrics, Contains.Key("loss"));
        Assert.That(stored.Tags, Contains.Key("a"));
    }

    [Test]
    public async Task The_last_record_of_a_tag_counts_and_the_deletion_of_none_is_no_fault()
    {
        var run = await CreateRunAsync(tags: ("old", "1"));
        var refusals = await LogAsync(run, batch => batch.Tags.AddRange(
        [
            new("a", "1"), new("a", "2"), new("b", "1"), new("b", null), new("c", null), new("c", "1"), new("old", null), new("none", null),
        ]));
        Assert.That(refusals, Is.Empty);
        var tags = (await GetRunAsync(run)).Tags.Where(t => !t.Key.StartsWith("mlflow.", StringComparison.Ordinal));
        Assert.That(tags, Is.EquivalentTo(new Dictionary<string, string> { ["a"] = "2", ["c"] = "1" }));
    }

    [Test]
    public async Task The_tag_of_the_runs_name_renames_the_run()
    {
        var run = await CreateRunAsync();
        await LogAsync(run, batch => batch.Tags.Add(new("mlflow.runName", "renamed")));
        var stored = await GetRunAsync(run);
        Assert.That(stored.Name, Is.EqualTo("renamed"));
        Assert.That(stored.Tags["mlflow.runName"], Is.EqualTo("renamed"));
    }

    [Test]
    public async Task A_deleted_run_refuses_every_record()
    {
        var run = await CreateRunAsync();
        await Backend.DeleteRunAsync(run.Id, default);
        var refusals = await LogAsync(run, batch =>
        {
            batch.Params.AddRange([new("a", "1"), new("b", "2")]);
            batch.Tags.Add(new("t", "1"));
            batch.Metrics.Add(Metric("loss", 1, 0));
            batch.Inputs.AddRange([Dataset("iris"), Dataset("mnist")]);
            batch.Status = new StatusRecord(RunStatus.Failed, Start);
        });
        Assert.That(refusals.Select(r => (r.Part, r.Index)), Is.EquivalentTo(new[]
        {
            (BatchPart.Param, 0), (BatchPart.Param, 1), (BatchPart.Tag, 0), (BatchPart.Metric, 0), (BatchPart.Input, 0),
            (BatchPart.Input, 1), (BatchPart.Status, 0),
        }));
        Assert.That(refusals.Select(r => r.Reason), Has.All.Contain("deleted"));
        await Backend.RestoreRunAsync(run.Id, default);
        var stored = await GetRunAsync(run);
        Assert.That(stored.Params, Is.Empty);
        Assert.That(stored.Metrics, Is.Empty);
        Assert.That(stored.DatasetInputs, Is.Empty);
        Assert.That(stored.Status, Is.EqualTo(RunStatus.Running));
    }

    [Test]
    public async Task A_deleted_run_refuses_an_input_that_comes_alone()
    {
        var run = await CreateRunAsync();
        await Backend.DeleteRunAsync(run.Id, default);
        var refusals = await LogAsync(run, batch => batch.Inputs.Add(Dataset("iris")));
        Assert.That(refusals.Select(r => (r.Part, r.Index)), Is.EqualTo(new[] { (BatchPart.Input, 0) }));
        Assert.That(refusals[0].Reason, Does.Contain("deleted"));
    }

    [Test]
    public async Task Inputs_read_back_as_they_were_logged_and_a_search_finds_them()
    {
        const string Schema = """{"mlflow_colspec": [{"type": "double", "name": "ü'\"\n", "required": true}]}""";
        var experiment = (await CreateExperimentAsync()).Id;
        var run = await CreateRunAsync(experiment);
        var full = new DatasetInput(
            "näme: # x", "0123", "http", """{"url": "https://data.invalid/a.csv"}""", Schema, """{"num_rows": 3}""",
            new Dictionary<string, string> { ["mlflow.data.context"] = "training", ["split"] = "it's, [a]: {b}" });
        var plain = new DatasetInput("plain", "yes", "local", """{"uri": "a.csv"}""", null, null, new Dictionary<string, string>());
        var refusals = await LogAsync(run, batch =>
        {
            batch.Inputs.AddRange([full, plain]);
            batch.Metrics.Add(Metric("loss", 1, 0));
        });
        Assert.That(refusals, Is.Empty);
        var stored = (await GetRunAsync(run)).DatasetInputs.OrderBy(input => input.Name, StringComparer.Ordinal).ToList();
        Assert.That(stored.Select(Comparable), Is.EqualTo(new[] { Comparable(full), Comparable(plain) }));
        Assert.That(await SearchNamesAsync(experiment, "datasets.digest = '0123'"), Has.Length.EqualTo(1));
        Assert.That(await SearchNamesAsync(experiment, "datasets.context = 'training'"), Has.Length.EqualTo(1));
        Assert.That(await SearchNamesAsync(experiment, "datasets.name = 'other'"), Is.Empty);
    }

    [Test]
    public async Task A_data_set_is_linked_once_and_described_by_who_brought_it_first()
    {
        var experiment = (await CreateExperimentAsync()).Id;
        var run = await CreateRunAsync(experiment);
        var other = await CreateRunAsync(experiment);
        await LogAsync(run, batch => batch.Inputs.AddRange([Dataset("iris", "training"), Dataset("iris", "eval")]));
        await LogAsync(run, batch => batch.Inputs.AddRange([Dataset("iris", "later"), Dataset("mnist")]));
        var refusals = await LogAsync(other, batch => batch.Inputs.Add(Dataset("iris", "eval") with { Schema = "{}" }));
        Assert.That(refusals, Is.Empty);
        Assert.That(
            (await GetRunAsync(run)).DatasetInputs.Select(input => (input.Name, input.Context)),
            Is.EquivalentTo(new[] { ("iris", "training"), ("mnist", null) }));
        Assert.That(
            (await GetRunAsync(other)).DatasetInputs.Select(input => (input.Name, input.Context, input.Schema)),
            Is.EqualTo(new[] { ("iris", "eval", (string?)null) }));
    }

    [Test]
    public async Task The_latest_point_is_the_greatest_by_step_then_timestamp_then_value()
    {
        var run = await CreateRunAsync();
        await LogAsync(run, batch => batch.Metrics.AddRange(
        [
            Metric("a", 1, 5), Metric("a", 9, 4, 1),
            Metric("b", 1, 0, 1), Metric("b", 9, 0, 0),
            Metric("c", 1, 0), Metric("c", 2, 0), Metric("c", 1.5, 0),
        ]));
        var metrics = (await GetRunAsync(run)).Metrics;
        Assert.That((metrics["a"].Value, metrics["b"].Value, metrics["c"].Value), Is.EqualTo((1.0, 1.0, 2.0)));
    }

    [Test]
    public async Task A_history_has_every_point_of_every_batch()
    {
        var run = await CreateRunAsync();
        var points = Enumerable.Range(0, 50).Select(i => Metric("loss", i == 7 ? double.NaN : 1.0 / (i + 1), i, i)).ToList();
        await LogAsync(run, batch => batch.Metrics.AddRange(points.Take(20)));
        await LogAsync(run, batch => batch.Metrics.AddRange(points.Skip(20)));
        Assert.That(await HistoryAsync(run.Id, "loss"), Is.EqualTo(points.Select(p => p.Point)));
        Assert.That(await HistoryAsync(run.Id, "unknown"), Is.Empty);
    }

    [Test]
    public async Task A_search_finds_what_the_filter_the_order_and_the_view_ask_for()
    {
        var experiment = (await CreateExperimentAsync()).Id;
        await CreateRunAsync();
        for (var i = 0; i < 4; i++)
        {
            var run = await CreateRunAsync(experiment, "run" + i, startSeconds: i);
            await LogAsync(run, batch => batch.Metrics.Add(Metric("auc", 0.5 + (i % 2 * 0.25) + (i * 0.01), 0)));
            if (i == 3)
            {
                await Backend.DeleteRunAsync(run.Id, default);
            }
        }

        Assert.That(await SearchNamesAsync(experiment), Is.EqualTo(new[] { "run2", "run1", "run0" }), "the latest first");
        Assert.That(await SearchNamesAsync(experiment, "metrics.auc > 0.51", "metrics.auc DESC"), Is.EqualTo(new[] { "run1", "run2" }));
        Assert.That(await SearchNamesAsync(experiment, view: ViewType.DeletedOnly), Is.EqualTo(new[] { "run3" }));
        Assert.That(await SearchNamesAsync(experiment, view: ViewType.All), Has.Length.EqualTo(4));
        Assert.That(await SearchNamesAsync("987654321"), Is.Empty);
    }

    [Test]
    public async Task A_search_goes_on_page_by_page()
    {
        var experiment = (await CreateExperimentAsync()).Id;
        for (var i = 0; i < 5; i++)
        {
            await CreateRunAsync(experiment, "run" + i, startSeconds: -i);
        }

        var query = new RunQuery { ExperimentIds = [experiment], PageSize = 2 };
        var pages = new List<string>();
        string? token = null;
        do
        {
            var page = await Backend.SearchRunsAsync(query, token, default);
            pages.Add(string.Join(',', page.Items.Select(r => r.Name)));
            token = page.NextPageToken;
        }
        while (token is not null);
        Assert.That(pages, Is.EqualTo(new[] { "run0,run1", "run2,run3", "run4" }));
    }

    [Test]
    public async Task Artifacts_are_listed_by_folder_and_read_back()
    {
        var run = await CreateRunAsync();
        await WriteArtifactAsync(run, "reports/2024/confusion.csv", "a,b");
        await WriteArtifactAsync(run, "reports/notes.md", "first");
        await WriteArtifactAsync(run, "reports/notes.md", "second!");
        await WriteArtifactAsync(run, "model.bin", "");
        Assert.That(await Backend.ListArtifactsAsync(run.Id, "", default), Is.EqualTo(new[]
        {
            new ArtifactInfo("model.bin", false, 0), new ArtifactInfo("reports", true, null),
        }));
        Assert.That(await Backend.ListArtifactsAsync(run.Id, "reports", default), Is.EqualTo(new[]
        {
            new ArtifactInfo("reports/2024", true, null), new ArtifactInfo("reports/notes.md", false, 7),
        }));
        Assert.That(await Backend.ListArtifactsAsync(run.Id, "none", default), Is.Empty);
        Assert.That(await ReadArtifactAsync(run, "reports/notes.md"), Is.EqualTo("second!"));
        Assert.That(await ReadArtifactAsync(run, "model.bin"), Is.Empty);
        AssertRefused(() => ReadArtifactAsync(run, "none.txt"), ErrorCode.ResourceDoesNotExist);
        AssertRefused(() => ReadArtifactAsync(run, "reports"), ErrorCode.ResourceDoesNotExist);
    }
}
