namespace ModelTrack.Client.Tests;

public sealed class RegistryRulesTests
{
    [TestCase("cancer")]
    [TestCase("a b.c-d_é")]
    [TestCase("50%")]
    public void A_model_name_that_MLflow_takes_passes(string name) => Assert.That(() => RegistryRules.CheckModelName(name), Throws.Nothing);

    [TestCase("")]
    [TestCase(" ")]
    [TestCase("a/b")]
    [TestCase("a:b")]
    [TestCase("..")]
    [TestCase(".")]
    public void A_model_name_that_MLflow_refuses_is_refused(string name)
        => Assert.That(() => RegistryRules.CheckModelName(name), Throws.ArgumentException);

    [TestCase("")]
    [TestCase("a/b")]
    [TestCase("a:b")]
    [TestCase("a.b")]
    [TestCase("a%b")]
    [TestCase("a\"b")]
    [TestCase("a'b")]
    public void A_logged_models_name_that_MLflow_refuses_is_refused(string name)
        => Assert.That(() => RegistryRules.CheckLoggedModelName(name), Throws.ArgumentException);

    [TestCase("champion")]
    [TestCase("v")]
    [TestCase("v1a")]
    [TestCase("a-b_9")]
    public void An_alias_passes(string alias) => Assert.That(() => RegistryRules.CheckAlias(alias), Throws.Nothing);

    [TestCase("")]
    [TestCase("latest")]
    [TestCase("LATEST")]
    [TestCase("v1")]
    [TestCase("V12")]
    [TestCase("a.b")]
    [TestCase("a b")]
    public void An_alias_that_is_reserved_or_malformed_is_refused(string alias)
        => Assert.That(() => RegistryRules.CheckAlias(alias), Throws.ArgumentException);

    [TestCase("staging", "Staging")]
    [TestCase("PRODUCTION", "Production")]
    [TestCase("None", "None")]
    public void A_stage_gets_MLflows_spelling(string stage, string expected)
        => Assert.That(RegistryRules.NormalizeStage(stage), Is.EqualTo(expected));

    [Test]
    public void Another_stage_is_refused() => Assert.That(() => RegistryRules.NormalizeStage("live"), Throws.ArgumentException);

    [Test]
    public void An_alias_has_at_most_255_characters()
    {
        Assert.That(() => RegistryRules.CheckAlias(new string('a', 255)), Throws.Nothing);
        Assert.That(() => RegistryRules.CheckAlias(new string('a', 256)), Throws.ArgumentException);
    }
}
