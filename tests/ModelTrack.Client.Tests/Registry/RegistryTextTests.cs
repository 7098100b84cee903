namespace ModelTrack.Client.Tests.Registry;

internal sealed class RegistryTextTests
{
    private static readonly ModelVersion Version = new()
    {
        Name = "cancer",
        Version = 3,
        CreationTime = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
        Source = "models:/m-1",
        Tags = new Dictionary<string, string> { ["checked"] = "yes", ["by"] = "ann" },
        Aliases = ["champion", "latest-good"],
    };

    [Test]
    [SetCulture("de-DE")]
    public void A_version_prints_its_tags_and_aliases() => Assert.That(Version.ToString(), Is.EqualTo(
        "ModelVersion { Name = cancer, Version = 3, CreationTime = 2026-01-02 03:04:05Z, LastUpdateTime = 0001-01-01 00:00:00Z, Stage = None, "
        + "Description = , Source = models:/m-1, RunId = , ModelId = , Status = Ready, StatusMessage = , Tags = [checked: yes, by: ann], "
        + "RunLink = , Aliases = [champion, latest-good] }"));

    [Test]
    public void A_model_prints_the_numbers_of_its_versions()
    {
        var model = new RegisteredModel
        {
            Name = "cancer",
            LatestVersions = [Version],
            Aliases = new Dictionary<string, int> { ["champion"] = 3 },
        };
        Assert.That(model.ToString(), Does.EndWith(", Tags = [], LatestVersions = [3], Aliases = [champion: 3] }"));
    }
}
