using ModelTrack.Client.Fakes;

namespace ModelTrack.Client.Tests.Sync;

/// <summary>Registered models and logged models go along with the runs that they are of.</summary>
internal sealed class RegistrySyncTests
{
    private SyncStand _stand = null!;

    [SetUp]
    public void MakeStand() => _stand = new SyncStand();

    [TearDown]
    public void RemoveStand() => _stand.Dispose();

    [TestCase(StoreSemantics.Sql, "3.11.1")]
    [TestCase(StoreSemantics.Sql, "2.17.0")]
    public async Task The_fixtures_models_go_to_a_server_and_to_a_folder(StoreSemantics semantics, string version)
    {
        await using var fake = await FakeServer.StartAsync(
            new FakeServerOptions { Semantics = semantics, Version = version, DownloadsNonAsciiNames = true });
        var server = _stand.Open(fake.Url.AbsoluteUri);
        var folder = _stand.OpenFolder("folder");
        await server.SyncFromAsync(_stand.OpenFixture());
        await folder.SyncFromAsync(server);

        foreach (var tracker in new[] { server, folder })
        {
            var model = await tracker.Registry.GetModelAsync("fixture-model");
            var first = await tracker.Registry.GetVersionAsync("fixture-model", 1);
            var second = await tracker.Registry.GetVersionAsync("fixture-model", 2);
            var run = await tracker.Runs.GetAsync(first.RunId!);
            var local = await tracker.Models.DownloadAsync("models:/fixture-model/1");
            using (Assert.EnterMultipleScope())
            {
                Assert.That(model.Description, Is.EqualTo("A registered model.\nSecond line."));
                Assert.That(model.Tags, Is.EquivalentTo(new Dictionary<string, string> { ["multi"] = "a\nb", ["owner"] = "ml-platform" }));
                Assert.That(model.Aliases, Is.EquivalentTo(new Dictionary<string, int> { ["previous"] = 1, ["champion"] = 2 }));
                Assert.That((first.Stage, second.Stage), Is.EqualTo((ModelStage.Archived, ModelStage.Production)));
                Assert.That((first.Description, second.Description), Is.EqualTo(("first version", "second version")));
                Assert.That(first.Tags["v"], Is.EqualTo("one"));
                Assert.That(run.Name, Is.EqualTo("finished-run"));
                Assert.That(second.RunId, Is.EqualTo(run.Id));
                Assert.That(second.Source, Is.EqualTo(run.ArtifactUri + "/config"));
                Assert.That(File.Exists(Path.Combine(local.Path, "model.pkl")));
                Assert.That(await tracker.Registry.FindModelAsync("empty-model"), Is.Not.Null);
            }
        }
    }

    [TestCase("3.11.1")]
    [TestCase("2.17.0")]
    public async Task A_second_call_copies_no_model_again(string version)
    {
        await using var fake = await FakeServer.StartAsync(new FakeServerOptions { Version = version, DownloadsNonAsciiNames = true });
        var server = _stand.Open(fake.Url.AbsoluteUri);
        var fixture = _stand.OpenFixture();
        var first = await server.SyncFromAsync(fixture);
        fake.ClearRequests();

        var second = await server.SyncFromAsync(fixture);

        Assert.That(first.Copied.LoggedModels, Is.EqualTo(1));
        Assert.That(first.Count(SyncItemKind.ModelVersion, SyncOutcome.Copied), Is.EqualTo(2));
        Assert.That(second.Items.Select(item => item.Outcome), Is.All.EqualTo(SyncOutcome.Unchanged));
        Assert.That(
            fake.Requests.Where(request => request.Method != "GET" && !request.Target.Contains("/search", StringComparison.Ordinal)),
            Is.Empty);
    }

    [Test]
    public async Task An_alias_that_was_moved_in_the_target_stays()
    {
        var fixture = _stand.OpenFixture();
        var folder = _stand.OpenFolder("folder");
        await folder.SyncFromAsync(fixture);
        await folder.Registry.SetAliasAsync("fixture-model", "champion", 1);

        var report = await folder.SyncFromAsync(fixture);

        var model = report.Items.Single(item => item.Kind == SyncItemKind.RegisteredModel && item.Name == "fixture-model");
        Assert.That(model.Conflicts, Has.One.Contains("champion"));
        Assert.That((await folder.Registry.GetVersionByAliasAsync("fixture-model", "champion")).Version, Is.EqualTo(1));
    }

    [Test]
    public async Task With_a_filter_only_versions_of_its_runs_go_along()
    {
        var folder = _stand.OpenFolder("folder");

        var report = await folder.SyncFromAsync(_stand.OpenFixture(), new SyncOptions { Filter = "attributes.run_name = 'still-running'" });

        Assert.That(report.Items.Where(item => item.Kind is SyncItemKind.RegisteredModel or SyncItemKind.ModelVersion), Is.Empty);
        Assert.That(await folder.Registry.FindModelAsync("fixture-model"), Is.Null);
    }

    [Test]
    public async Task A_sync_that_lost_any_answer_of_a_server_is_finished_by_the_next()
    {
        var fixture = _stand.OpenFixture();
        var expected = StoreText.OfExpected(asDatabase: true);
        for (var failAt = 1; ; failAt += 7)
        {
            await using var fake = await FakeServer.StartAsync(new FakeServerOptions { DownloadsNonAsciiNames = true });
            var server = _stand.Open(fake.Url.AbsoluteUri);
            using var end = new CancellationTokenSource();
            var writes = 0;
            fake.Interceptor = async context =>
            {
                if (context.Request.Method == "GET"
                    || context.Request.Path.Value!.EndsWith("/search", StringComparison.Ordinal)
                    || Interlocked.Increment(ref writes) != failAt)
                {
                    return false;
                }

                await fake.ApplyAsync(context);
                await end.CancelAsync();
                context.Abort();
                return true;
            };
            try
            {
                await server.SyncFromAsync(fixture, new SyncOptions { IncludeDeleted = true }, cancellationToken: end.Token);
            }
            catch (OperationCanceledException)
            {
                // As the death of the process would have ended it.
            }

            fake.Interceptor = null;
            var report = await server.SyncFromAsync(fixture, new SyncOptions { IncludeDeleted = true });

            Assert.That(
                report.IsComplete,
                $"ended at write {failAt}: {string.Join(" ", report.Items.SelectMany(item => item.Conflicts.Append(item.Failure)))}");
            Assert.That(await StoreText.OfAsync(server, asDatabase: true), Is.EqualTo(expected), $"ended at write {failAt}");
            Assert.That(
                (await server.Registry.GetModelAsync("fixture-model")).LatestVersions, Has.Count.EqualTo(2), $"ended at write {failAt}");
            if (writes < failAt)
            {
                Assert.That(failAt, Is.GreaterThan(20));
                return;
            }
        }
    }
}
