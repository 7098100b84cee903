namespace ModelTrack.Client.Tests.Registry;

/// <summary>What every registry does alike with registered models, wherever it keeps them.</summary>
internal abstract class RegistryConformanceTests : RegistryFixture
{
    [Test]
    public async Task A_new_model_reads_back_as_it_was_created()
    {
        var name = Unique("größe 1");
        var tags = new Dictionary<string, string> { ["team"] = "oncology", ["a/b"] = "two\nlines", ["empty"] = "" };
        var created = await Registry.CreateModelAsync(name, "What it is.\nSecond line: 'quoted' # no comment", tags);
        foreach (var model in new[] { created, await Registry.GetModelAsync(name), await Registry.FindModelAsync(name) })
        {
            using (Assert.EnterMultipleScope())
            {
                Assert.That(model!.Name, Is.EqualTo(name));
                Assert.That(model.Description, Is.EqualTo("What it is.\nSecond line: 'quoted' # no comment"));
                Assert.That(model.Tags, Is.EquivalentTo(tags));
                Assert.That(model.CreationTime, Is.EqualTo(DateTimeOffset.UtcNow).Within(TimeSpan.FromMinutes(5)));
                Assert.That(model.LastUpdateTime, Is.GreaterThanOrEqualTo(model.CreationTime));
                Assert.That(model.LatestVersions, Is.Empty);
                Assert.That(model.Aliases, Is.Empty);
            }
        }
    }

    [Test]
    public async Task A_model_without_a_description_has_none()
    {
        var name = await CreateModelAsync();
        Assert.That((await Registry.GetModelAsync(name)).Description, Is.Null);
        Assert.That((await CreateVersionAsync(name)).Description, Is.Null);
    }

    [Test]
    public async Task A_name_is_given_once()
    {
        var name = await CreateModelAsync();
        AssertRefused(() => Registry.CreateModelAsync(name), ErrorCode.ResourceAlreadyExists);
        Assert.That((await Registry.CreateModelAsync(name.ToUpperInvariant())).Name, Is.EqualTo(name.ToUpperInvariant()));
    }

    [Test]
    public async Task What_does_not_exist_is_refused_everywhere_with_one_code()
    {
        Assert.That(await Registry.FindModelAsync(Missing), Is.Null);
        AssertMissing(() => Registry.GetModelAsync(Missing));
        AssertMissing(() => Registry.RenameModelAsync(Missing, Unique()));
        AssertMissing(() => Registry.UpdateModelAsync(Missing, "x"));
        AssertMissing(() => Registry.DeleteModelAsync(Missing));
        AssertMissing(() => Registry.SetModelTagAsync(Missing, "a", "b"));
        AssertMissing(() => Registry.GetLatestVersionsAsync(Missing));
        AssertMissing(() => CreateVersionAsync(Missing));
        AssertMissing(() => Registry.GetVersionByAliasAsync(Missing, "champion"));

        var name = await CreateModelAsync();
        AssertMissing(() => Registry.GetVersionAsync(name, 1));
        AssertMissing(() => Registry.UpdateVersionAsync(name, 1, "x"));
        AssertMissing(() => Registry.DeleteVersionAsync(name, 1));
        AssertMissing(() => Registry.SetVersionTagAsync(name, 1, "a", "b"));
        AssertMissing(() => Registry.SetStageAsync(name, 1, ModelStage.Production));
        AssertMissing(() => Registry.GetDownloadUriAsync(name, 1));
        AssertMissing(() => Registry.SetAliasAsync(name, "champion", 1));
        AssertMissing(() => Registry.GetVersionByAliasAsync(name, "champion"));
        AssertMissing(() => Registry.WaitUntilReadyAsync(name, 1));
        AssertMissing(() => Registry.RegisterModelAsync(name, $"models:/{name}/1"));
        AssertMissing(() => Registry.RegisterModelAsync(name, $"models:/{name}/latest"));
        AssertMissing(() => Registry.RegisterModelAsync(name, $"models:/{name}@champion"));
        AssertMissing(() => Registry.RegisterModelAsync(name, "runs:/0123456789abcdef0123456789abcdef/model"));
    }

    private protected virtual void AssertRenamedTag(string? value, string expected) => Assert.That(value, Is.EqualTo(expected));

    [Test]
    public async Task A_renamed_model_keeps_what_it_has_and_gives_its_old_name_free()
    {
        var name = Unique();
        await Registry.CreateModelAsync(name, "described", new Dictionary<string, string> { ["team"] = "a" });
        await CreateVersionAsync(name);
        await CreateVersionAsync(name);
        await Registry.SetVersionTagAsync(name, 1, "checked", "yes");
        var newName = Unique("renamed");
        var renamed = await Registry.RenameModelAsync(name, newName);
        Assert.That(await Registry.RenameModelAsync(newName, newName), Is.Not.Null);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(renamed.Name, Is.EqualTo(newName));
            Assert.That(renamed.Description, Is.EqualTo("described"));
            AssertRenamedTag(renamed.Tags.GetValueOrDefault("team"), "a");
            Assert.That((await Registry.GetVersionAsync(newName, 2)).Name, Is.EqualTo(newName));
            Assert.That((await Registry.GetVersionAsync(newName, 1)).Tags["checked"], Is.EqualTo("yes"));
            Assert.That(await Registry.FindModelAsync(name), Is.Null);
        }

        await Registry.CreateModelAsync(name);
        Assert.That(Assert.ThrowsAsync<ModelTrackException>(() => Registry.RenameModelAsync(newName, name)), Is.Not.Null);
        Assert.That((await CreateVersionAsync(newName)).Version, Is.EqualTo(3));
    }

    [Test]
    public async Task Descriptions_are_changed_and_cleared_only_on_purpose()
    {
        var name = Unique();
        await Registry.CreateModelAsync(name, "before");
        await CreateVersionAsync(name);
        Assert.That((await Registry.UpdateModelAsync(name, "after")).Description, Is.EqualTo("after"));
        Assert.That((await Registry.UpdateVersionAsync(name, 1, "first")).Description, Is.EqualTo("first"));
        await Registry.SetModelTagAsync(name, "a", "b");
        await Registry.SetStageAsync(name, 1, ModelStage.Staging);
        Assert.That((await Registry.GetModelAsync(name)).Description, Is.EqualTo("after"));
        Assert.That((await Registry.GetVersionAsync(name, 1)).Description, Is.EqualTo("first"));
        Assert.That((await Registry.UpdateModelAsync(name, "")).Description, Is.Null);
        Assert.That((await Registry.UpdateVersionAsync(name, 1, "")).Description, Is.Null);
    }

    [Test]
    public async Task A_models_tags_are_set_replaced_and_deleted()
    {
        var name = await CreateModelAsync();
        await Registry.SetModelTagAsync(name, "team", "a");
        await Registry.SetModelTagAsync(name, "team", "b");
        await Registry.SetModelTagAsync(name, "long", new string('x', 5000));
        Assert.That((await Registry.GetModelAsync(name)).Tags["team"], Is.EqualTo("b"));
        Assert.That((await Registry.GetModelAsync(name)).Tags["long"], Has.Length.EqualTo(5000));
        await Registry.DeleteModelTagAsync(name, "team");
        await Registry.DeleteModelTagAsync(name, "team");
        Assert.That((await Registry.GetModelAsync(name)).Tags.Keys, Is.EqualTo(["long"]));
    }

    [Test]
    public async Task A_deleted_model_is_gone_with_its_versions()
    {
        var name = await CreateModelAsync();
        await CreateVersionAsync(name);
        await Registry.SetAliasAsync(name, "champion", 1);
        await Registry.DeleteModelAsync(name);
        AssertMissing(() => Registry.GetModelAsync(name));
        AssertMissing(() => Registry.GetVersionAsync(name, 1));
        Assert.That(await AllAsync(Registry.SearchVersionsAsync($"name = '{name}'")), Is.Empty);
        await Registry.CreateModelAsync(name);
        Assert.That((await CreateVersionAsync(name)).Version, Is.EqualTo(1));
        AssertMissing(() => Registry.GetVersionByAliasAsync(name, "champion"));
    }

    [Test]
    public async Task A_search_for_models_goes_by_filter_order_page_and_limit()
    {
        var prefix = Unique("p");
        foreach (var letter in new[] { "b", "a", "d", "c" })
        {
            var tags = new Dictionary<string, string> { ["kind"] = letter is "a" or "d" ? "tree" : "net" };
            await Registry.CreateModelAsync($"{prefix}-{letter}", tags: tags);
        }

        var like = $"name LIKE '{prefix}%'";
        Assert.That(await LettersAsync(like), Is.EqualTo("abcd"));
        Assert.That(await LettersAsync(like, "name DESC"), Is.EqualTo("dcba"));
        Assert.That(await LettersAsync(like + " AND tags.kind = 'tree'"), Is.EqualTo("ad"));
        Assert.That(await LettersAsync(like + " AND tags.kind != 'tree'"), Is.EqualTo("bc"));
        Assert.That(await LettersAsync($"name ILIKE '{prefix.ToUpperInvariant()}-A'"), Is.EqualTo("a"));
        Assert.That(await LettersAsync($"name = '{prefix}-c'"), Is.EqualTo("c"));
        Assert.That(await AllAsync(Registry.SearchModelsAsync(like, limit: 3)), Has.Count.EqualTo(3));

        var first = await Registry.SearchModelsPageAsync(like, "name", pageSize: 3);
        var second = await Registry.SearchModelsPageAsync(like, "name", 3, first.NextPageToken);
        Assert.That(first.Items.Concat(second.Items).Select(model => model.Name[^1]), Is.EqualTo("abcd"));
        Assert.That(second.NextPageToken, Is.Null);
        Assert.That((await Registry.SearchModelsPageAsync($"name = '{Missing}'")).Items, Is.Empty);
    }

    [Test]
    public async Task A_registered_model_gets_its_name_and_one_version_after_the_other()
    {
        var name = Unique();
        var run = await CreateRunAsync();
        var tags = new Dictionary<string, string> { ["checked"] = "yes" };
        var first = await Registry.RegisterModelAsync(name, $"runs:/{run.Id}/model", tags, "the first");
        var second = await Registry.RegisterModelAsync(name, "s3://bucket/model");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(first.Name, Is.EqualTo(name));
            Assert.That(first.Version, Is.EqualTo(1));
            Assert.That(first.Source, Is.EqualTo(run.ArtifactUri + "/model"));
            Assert.That(first.RunId, Is.EqualTo(run.Id));
            Assert.That(first.Status, Is.EqualTo(ModelVersionStatus.Ready));
            Assert.That(first.Description, Is.EqualTo("the first"));
            Assert.That(first.Tags, Is.EquivalentTo(tags));
            Assert.That(second.Version, Is.EqualTo(2));
            Assert.That(second.Source, Is.EqualTo("s3://bucket/model"));
            Assert.That(second.RunId, Is.Null);
        }
    }

    [Test]
    public async Task A_model_is_registered_from_a_version_however_that_is_named()
    {
        var name = await CreateModelAsync();
        var run = await CreateRunAsync();
        await CreateVersionAsync(name, "s3://bucket/one", run.Id);
        await CreateVersionAsync(name, "s3://bucket/two");
        await Registry.SetAliasAsync(name, "champion", 1);
        await Registry.SetStageAsync(name, 1, ModelStage.Production);
        var copy = Unique("copy");
        foreach (var uri in new[] { $"models:/{name}/1", $"models:/{name}@champion", $"models:/{name}/production" })
        {
            var version = await Registry.RegisterModelAsync(copy, uri);
            Assert.That(version.Source, Is.EqualTo($"models:/{name}/1"), uri);
            Assert.That(version.RunId, Is.EqualTo(run.Id), uri);
            Assert.That(await Registry.GetDownloadUriAsync(copy, version.Version), Is.EqualTo("s3://bucket/one"), uri);
        }

        Assert.That((await Registry.RegisterModelAsync(copy, $"models:/{name}/latest")).Source, Is.EqualTo($"models:/{name}/2"));
        var again = await Registry.RegisterModelAsync(copy, $"models:/{copy}/1");
        Assert.That(await Registry.GetDownloadUriAsync(copy, again.Version), Is.EqualTo("s3://bucket/one"));
    }

    private async Task<string> LettersAsync(string filter, string? orderBy = null)
        => string.Concat((await AllAsync(Registry.SearchModelsAsync(filter, orderBy))).Select(model => model.Name[^1]));
}
