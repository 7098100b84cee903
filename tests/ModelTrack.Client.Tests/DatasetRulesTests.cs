namespace ModelTrack.Client.Tests;

public sealed class DatasetRulesTests
{
    private static readonly DatasetInput Good = new("wine", "abc", "local", "{}", null, null, new Dictionary<string, string>());

    private static IEnumerable<TestCaseData> Limits()
    {
        yield return Limit("name", t => Good with { Name = t }, 500);
        yield return Limit("digest", t => Good with { Digest = t }, 36);
        yield return Limit("source_type", t => Good with { SourceType = t }, 36);
        yield return Limit("source", t => Good with { Source = t }, 65_535);
        yield return Limit("schema", t => Good with { Schema = t }, 1_048_575);
        yield return Limit("profile", t => Good with { Profile = t }, 16_777_215);
        yield return Limit("tag_key", t => Good with { Tags = new Dictionary<string, string> { [t] = "v" } }, 255);
        yield return Limit("tag_value", t => Good with { Tags = new Dictionary<string, string> { ["k"] = t } }, 500);

        static TestCaseData Limit(string name, Func<string, DatasetInput> make, int limit)
            => new TestCaseData(make, limit).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(Limits))]
    public void Every_part_has_its_limit(Func<string, DatasetInput> make, int limit)
    {
        Assert.That(() => DatasetRules.Check(make(new string('a', limit))), Throws.Nothing);
        Assert.That(() => DatasetRules.Check(make(new string('a', limit + 1))), Throws.ArgumentException);
    }

    [Test]
    public void Name_digest_and_source_type_are_needed()
    {
        Assert.That(() => DatasetRules.Check(Good with { Name = "" }), Throws.ArgumentException);
        Assert.That(() => DatasetRules.Check(Good with { Digest = "" }), Throws.ArgumentException);
        Assert.That(() => DatasetRules.Check(Good with { SourceType = "" }), Throws.ArgumentException);
    }
}
