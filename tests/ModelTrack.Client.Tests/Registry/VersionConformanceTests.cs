namespace ModelTrack.Client.Tests.Registry;

/// <summary>What every registry does alike with versions, wherever it keeps them.</summary>
internal abstract class VersionConformanceTests : RegistryFixture
{
    [Test]
    public async Task A_new_version_reads_back_as_it_was_created()
    {
        var name = await CreateModelAsync();
        var runId = Guid.NewGuid().ToString("N");
        var tags = new Dictionary<string, string> { ["checked"] = "yes", ["empty"] = "" };
        var created = await Registry.CreateVersionAsync(
            name, "s3://bucket/modèle", runId, tags, "the first\none", "https://elsewhere/#/runs/1");
        foreach (var version in new[] { created, await Registry.GetVersionAsync(name, 1), (await Registry.GetModelAsync(name)).LatestVersions[0] })
        {
            using (Assert.EnterMultipleScope())
            {
                Assert.That(version.Name, Is.EqualTo(name));
                Assert.That(version.Version, Is.EqualTo(1));
                Assert.That(version.Source, Is.EqualTo("s3://bucket/modèle"));
                Assert.That(version.RunId, Is.EqualTo(runId));
                Assert.That(version.Description, Is.EqualTo("the first\none"));
                Assert.That(version.RunLink, Is.EqualTo("https://elsewhere/#/runs/1"));
                Assert.That(version.Stage, Is.EqualTo(ModelStage.None));
                Assert.That(version.Status, Is.EqualTo(ModelVersionStatus.Ready));
                Assert.That(version.StatusMessage, Is.Null);
                Assert.That(version.ModelId, Is.Null);
                Assert.That(version.Aliases, Is.Empty);
                Assert.That(version.CreationTime, Is.EqualTo(DateTimeOffset.UtcNow).Within(TimeSpan.FromMinutes(5)));
                Assert.That(version.Tags, Is.EquivalentTo(tags));
            }
        }

        Assert.That(await Registry.WaitUntilReadyAsync(name, 1), Has.Property("Version").EqualTo(1));
    }

    [Test]
    public async Task The_number_of_a_deleted_version_is_not_given_again()
    {
        var name = await CreateModelAsync();
        await CreateVersionAsync(name);
        Assert.That((await CreateVersionAsync(name)).Version, Is.EqualTo(2));
        await Registry.DeleteVersionAsync(name, 2);
        AssertMissing(() => Registry.GetVersionAsync(name, 2));
        AssertMissing(() => Registry.DeleteVersionAsync(name, 2));
        AssertMissing(() => Registry.SetVersionTagAsync(name, 2, "a", "b"));
        Assert.That((await Registry.GetModelAsync(name)).LatestVersions.Select(v => v.Version), Is.EqualTo([1]));
        Assert.That((await CreateVersionAsync(name)).Version, Is.EqualTo(3));
        var found = await AllAsync(Registry.SearchVersionsAsync($"name = '{name}'", "version_number"));
        Assert.That(found.Select(v => v.Version), Is.EqualTo([1, 3]));
    }

    [Test]
    public async Task Versions_that_are_made_at_the_same_time_get_different_numbers()
    {
        var name = Unique();
        var versions = await Task.WhenAll(Enumerable.Range(0, 4)
            .Select(i => Task.Run(() => Registry.RegisterModelAsync(name, $"s3://bucket/{i}"))));
        Assert.That(versions.Select(v => v.Version), Is.EquivalentTo([1, 2, 3, 4]));
        Assert.That(versions.Select(v => v.Source).Distinct().Count(), Is.EqualTo(4));
    }

    [Test]
    public async Task A_versions_tags_are_set_replaced_and_deleted()
    {
        var name = await CreateModelAsync();
        await CreateVersionAsync(name);
        await CreateVersionAsync(name);
        await Registry.SetVersionTagAsync(name, 1, "checked", "no");
        await Registry.SetVersionTagAsync(name, 1, "checked", "yes");
        Assert.That((await Registry.GetVersionAsync(name, 1)).Tags["checked"], Is.EqualTo("yes"));
        Assert.That((await Registry.GetVersionAsync(name, 2)).Tags, Is.Empty);
        await Registry.DeleteVersionTagAsync(name, 1, "checked");
        await Registry.DeleteVersionTagAsync(name, 1, "checked");
        Assert.That((await Registry.GetVersionAsync(name, 1)).Tags, Is.Empty);
    }

    [Test]
    public async Task A_version_that_comes_to_a_stage_archives_the_others_when_asked_to()
    {
        var name = await CreateModelAsync();
        for (var i = 0; i < 4; i++)
        {
            await CreateVersionAsync(name);
        }

        Assert.That((await Registry.SetStageAsync(name, 1, ModelStage.Production)).Stage, Is.EqualTo(ModelStage.Production));
        await Registry.SetStageAsync(name, 2, ModelStage.Production);
        await Registry.SetStageAsync(name, 3, ModelStage.Staging);
        await Registry.SetStageAsync(name, 4, ModelStage.Production, archiveExisting: true);
        var stages = (await AllAsync(Registry.SearchVersionsAsync($"name = '{name}'", "version_number"))).Select(v => v.Stage);
        Assert.That(stages, Is.EqualTo([ModelStage.Archived, ModelStage.Archived, ModelStage.Staging, ModelStage.Production]));
        await Registry.SetStageAsync(name, 4, ModelStage.None);
        Assert.That((await Registry.GetVersionAsync(name, 4)).Stage, Is.EqualTo(ModelStage.None));
    }

    [Test]
    public async Task The_latest_version_of_each_stage_comes_by_number()
    {
        var name = await CreateModelAsync();
        Assert.That(await Registry.GetLatestVersionsAsync(name), Is.Empty);
        for (var i = 0; i < 5; i++)
        {
            await CreateVersionAsync(name);
        }

        await Registry.SetStageAsync(name, 1, ModelStage.Production);
        await Registry.SetStageAsync(name, 2, ModelStage.Production);
        await Registry.SetStageAsync(name, 4, ModelStage.Staging);
        Assert.That(await NumbersAsync(name), Is.EqualTo([2, 4, 5]));
        Assert.That(await NumbersAsync(name, ModelStage.Production, ModelStage.Archived), Is.EqualTo([2]));
        Assert.That(await NumbersAsync(name, ModelStage.None, ModelStage.Staging), Is.EqualTo([4, 5]));
        Assert.That((await Registry.GetModelAsync(name)).LatestVersions.Select(v => v.Version), Is.EqualTo([2, 4, 5]));
    }

    [Test]
    public async Task An_alias_stands_for_one_version_and_moves()
    {
        var name = await CreateModelAsync();
        await CreateVersionAsync(name);
        await CreateVersionAsync(name);
        await Registry.SetAliasAsync(name, "champion", 1);
        await Registry.SetAliasAsync(name, "Éclair-1_x", 1);
        await Registry.SetAliasAsync(name, "champion", 2);
        using (Assert.EnterMultipleScope())
        {
            Assert.That((await Registry.GetVersionByAliasAsync(name, "champion")).Version, Is.EqualTo(2));
            Assert.That((await Registry.GetVersionByAliasAsync(name, "champion")).Aliases, Is.EqualTo(["champion"]));
            Assert.That((await Registry.GetVersionAsync(name, 1)).Aliases, Is.EqualTo(["Éclair-1_x"]));
            var model = await Registry.GetModelAsync(name);
            Assert.That(model.Aliases, Is.EquivalentTo(new Dictionary<string, int> { ["champion"] = 2, ["Éclair-1_x"] = 1 }));
            Assert.That(model.LatestVersions.Single().Aliases, Is.EqualTo(["champion"]));
        }

        await Registry.DeleteAliasAsync(name, "champion");
        await Registry.DeleteAliasAsync(name, "champion");
        AssertMissing(() => Registry.GetVersionByAliasAsync(name, "champion"));
    }

    [Test]
    public async Task The_alias_of_a_deleted_version_stands_for_nothing()
    {
        var name = await CreateModelAsync();
        await CreateVersionAsync(name);
        await CreateVersionAsync(name);
        await Registry.SetAliasAsync(name, "champion", 1);
        await Registry.DeleteVersionAsync(name, 1);
        AssertMissing(() => Registry.GetVersionByAliasAsync(name, "champion"));
        await Registry.SetAliasAsync(name, "champion", 2);
        Assert.That((await Registry.GetVersionByAliasAsync(name, "champion")).Version, Is.EqualTo(2));
    }

    [Test]
    public async Task A_search_for_versions_goes_by_filter_order_page_and_limit()
    {
        var name = await CreateModelAsync();
        var runs = new[] { Guid.NewGuid().ToString("N"), Guid.NewGuid().ToString("N") };
        await CreateVersionAsync(name, "s3://bucket/a", runs[0]);
        await CreateVersionAsync(name, "s3://bucket/b", runs[1]);
        await CreateVersionAsync(name, "s3://other/c");
        await Registry.SetVersionTagAsync(name, 2, "checked", "yes");

        var mine = $"name = '{name}'";
        Assert.That(await FindAsync(mine, "version_number DESC"), Is.EqualTo([3, 2, 1]));
        Assert.That(await FindAsync(mine + " AND version_number > 1", "version_number"), Is.EqualTo([2, 3]));
        Assert.That(await FindAsync(mine + " AND source_path LIKE 's3://bucket/%'", "version_number"), Is.EqualTo([1, 2]));
        Assert.That(await FindAsync($"run_id = '{runs[1]}'"), Is.EqualTo([2]));
        Assert.That(await FindAsync($"run_id IN ('{runs[0]}', '{runs[1]}')", "version_number"), Is.EqualTo([1, 2]));
        Assert.That(await FindAsync(mine + " AND tags.checked = 'yes'"), Is.EqualTo([2]));
        Assert.That(await AllAsync(Registry.SearchVersionsAsync(mine, limit: 2)), Has.Count.EqualTo(2));

        var first = await Registry.SearchVersionsPageAsync(mine, "version_number", pageSize: 2);
        var second = await Registry.SearchVersionsPageAsync(mine, "version_number", 2, first.NextPageToken);
        Assert.That(first.Items.Concat(second.Items).Select(v => v.Version), Is.EqualTo([1, 2, 3]));
        Assert.That(second.NextPageToken, Is.Null);
    }

    [Test]
    public async Task A_version_is_downloaded_from_where_it_came_from()
    {
        var name = await CreateModelAsync();
        await CreateVersionAsync(name, "s3://bucket/a");
        await CreateVersionAsync(name, "runs:/0123456789abcdef0123456789abcdef/model", "0123456789abcdef0123456789abcdef");
        await CreateVersionAsync(name, $"models:/{name}/1");
        Assert.That(await Registry.GetDownloadUriAsync(name, 1), Is.EqualTo("s3://bucket/a"));
        Assert.That(await Registry.GetDownloadUriAsync(name, 2), Is.EqualTo("runs:/0123456789abcdef0123456789abcdef/model"));
        Assert.That(await Registry.GetDownloadUriAsync(name, 3), Is.EqualTo("s3://bucket/a"));
        Assert.That((await Registry.GetVersionAsync(name, 3)).Source, Is.EqualTo($"models:/{name}/1"));
    }

    private async Task<IEnumerable<int>> NumbersAsync(string name, params ModelStage[] stages)
        => (await Registry.GetLatestVersionsAsync(name, stages)).Select(version => version.Version);

    private async Task<IEnumerable<int>> FindAsync(string filter, string? orderBy = null)
        => (await AllAsync(Registry.SearchVersionsAsync(filter, orderBy))).Select(version => version.Version);
}
