namespace ModelTrack.Client.Tests.Registry;

/// <summary>What the registry's rules refuse, at the call and in words; nothing is asked of the registry then.</summary>
internal sealed class RegistryRulesTests
{
    private static readonly RegistryClient Client = Tracker.InMemory().Registry;

    [TestCase("")]
    [TestCase("  ")]
    [TestCase("a/b")]
    [TestCase("a:b")]
    [TestCase(".")]
    [TestCase("..")]
    [TestCase("..a")]
    [TestCase("a\0b")]
    public void Names_that_MLflow_does_not_give_are_refused(string name)
    {
        Assert.ThrowsAsync<ArgumentException>(() => Client.CreateModelAsync(name));
        Assert.ThrowsAsync<ArgumentException>(() => Client.RegisterModelAsync(name, "s3://b"));
        Assert.ThrowsAsync<ArgumentException>(() => Client.RenameModelAsync("a", name));
    }

    [Test]
    public void Half_a_surrogate_pair_is_refused()
        => Assert.ThrowsAsync<ArgumentException>(() => Client.CreateModelAsync("half \ud800 pair"));

    [TestCase("A model, größer & 100%")]
    [TestCase(".hidden")]
    [TestCase(" blanks at its ends ")]
    public void Names_that_MLflow_gives_are_given(string name) => Assert.DoesNotThrow(() => RegistryRules.CheckNewModelName(name));

    [Test]
    public void Lengths_count_code_points()
    {
        Assert.DoesNotThrow(() => RegistryRules.CheckNewModelName(string.Concat(Enumerable.Repeat("😀", 256))));
        Assert.Throws<ArgumentException>(() => RegistryRules.CheckNewModelName(new string('a', 257)));
        Assert.DoesNotThrow(() => RegistryRules.CheckAlias(new string('a', 255)));
        Assert.Throws<ArgumentException>(() => RegistryRules.CheckAlias(new string('a', 256)));
        Assert.DoesNotThrow(() => RegistryRules.CheckTag(new string('a', 250), new string('b', 100_000)));
        Assert.Throws<ArgumentException>(() => RegistryRules.CheckTag(new string('a', 251), "b"));
        Assert.Throws<ArgumentException>(() => RegistryRules.CheckTag("a", new string('b', 100_001)));
    }

    [Test]
    public void Names_of_older_servers_can_be_asked_for()
    {
        var error = Assert.ThrowsAsync<ModelTrackException>(() => Client.GetModelAsync("a/b"));
        Assert.That(error!.ErrorCode, Is.EqualTo(ErrorCode.ResourceDoesNotExist));
    }

    [TestCase("", "empty")]
    [TestCase("a b", "' '")]
    [TestCase("a.b", "'.'")]
    [TestCase("latest", "reserved")]
    [TestCase("LATEST", "reserved")]
    [TestCase("v1", "reserved")]
    [TestCase("V007", "reserved")]
    public void Aliases_that_MLflow_does_not_give_are_refused(string alias, string why)
    {
        Assert.That(Assert.ThrowsAsync<ArgumentException>(() => Client.SetAliasAsync("a", alias, 1))!.Message, Does.Contain(why));
        Assert.That(Assert.ThrowsAsync<ArgumentException>(() => Client.GetVersionByAliasAsync("a", alias))!.Message, Does.Contain(why));
    }

    [TestCase("v")]
    [TestCase("v1-2")]
    [TestCase("latest-1")]
    [TestCase("é_日-1")]
    public void Aliases_that_MLflow_gives_are_given(string alias) => Assert.DoesNotThrow(() => RegistryRules.CheckAlias(alias));

    [Test]
    public void A_reserved_alias_from_earlier_days_can_be_removed()
        => Assert.That(
            Assert.ThrowsAsync<ModelTrackException>(() => Client.DeleteAliasAsync("no model", "latest"))!.ErrorCode,
            Is.EqualTo(ErrorCode.ResourceDoesNotExist));

    [TestCase(0)]
    [TestCase(-1)]
    public void There_is_no_version_before_the_first(int version)
    {
        Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Client.GetVersionAsync("a", version));
        Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Client.SetAliasAsync("a", "b", version));
        Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Client.SetStageAsync("a", version, ModelStage.None));
    }

    [Test]
    public async Task A_wait_of_less_than_nothing_is_refused_before_anything_is_done()
    {
        var before = TimeSpan.FromSeconds(-1);
        Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Client.RegisterModelAsync("never", "s3://b", timeout: before));
        Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Client.WaitUntilReadyAsync("never", 1, before));
        Assert.That(await Client.FindModelAsync("never"), Is.Null);
    }

    [Test]
    public void Nothing_is_archived_for_a_stage_that_has_room_for_all()
    {
        foreach (var stage in new[] { ModelStage.None, ModelStage.Archived })
        {
            var error = Assert.ThrowsAsync<ArgumentException>(() => Client.SetStageAsync("a", 1, stage, archiveExisting: true));
            Assert.That(error!.Message, Does.Contain(stage.ToString()));
        }

        Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Client.SetStageAsync("a", 1, (ModelStage)7));
        Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Client.GetLatestVersionsAsync("a", [(ModelStage)7]));
    }

    [Test]
    public void Missing_texts_are_refused()
    {
        Assert.ThrowsAsync<ArgumentNullException>(() => Client.UpdateModelAsync("a", null!));
        Assert.ThrowsAsync<ArgumentNullException>(() => Client.UpdateVersionAsync("a", 1, null!));
        Assert.ThrowsAsync<ArgumentNullException>(() => Client.CreateModelAsync(null!));
        Assert.ThrowsAsync<ArgumentException>(() => Client.CreateVersionAsync("a", " "));
        Assert.ThrowsAsync<ArgumentException>(() => Client.CreateVersionAsync("a", "s3://b", runId: "not an id"));
        Assert.ThrowsAsync<ArgumentException>(() => Client.CreateVersionAsync("a", "s3://b", modelId: "m/1"));
    }

    [Test]
    public void A_source_is_a_version_and_not_what_may_be_another_tomorrow()
    {
        foreach (var uri in new[] { "models:/a@champion", "models:/a/latest", "models:/a/Production" })
        {
            var error = Assert.ThrowsAsync<ArgumentException>(() => Client.CreateVersionAsync("a", uri));
            Assert.That(error!.Message, Does.Contain("RegisterModelAsync"));
        }
    }

    [Test]
    public void Prompts_are_no_models()
    {
        var tags = new Dictionary<string, string> { ["mlflow.prompt.is_prompt"] = "true" };
        Assert.ThrowsAsync<ArgumentException>(() => Client.CreateModelAsync("a", tags: tags));
        Assert.ThrowsAsync<ArgumentException>(() => Client.CreateVersionAsync("a", "s3://b", tags: tags));
    }

    [TestCase(0)]
    [TestCase(1001)]
    public void A_page_has_one_to_a_thousand_models(int pageSize)
        => Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Client.SearchModelsPageAsync(pageSize: pageSize));

    [Test]
    public void Malformed_searches_are_refused()
    {
        Assert.ThrowsAsync<ArgumentException>(() => Client.SearchModelsPageAsync("bogus = 'x'"));
        Assert.ThrowsAsync<ArgumentException>(() => Client.SearchVersionsPageAsync(orderBy: "run_id,"));
        Assert.ThrowsAsync<ArgumentException>(() => Client.SearchVersionsPageAsync(pageToken: "bogus"));
    }
}
