namespace ModelTrack.Client.Tests.Artifacts;

internal sealed class LoggedArtifactsTagTests
{
    private const string One = """[{"path":"tab/t.json","type":"table"}]""";

    [TestCase(null)]
    [TestCase("")]
    [TestCase("no json")]
    [TestCase("{}")]
    [TestCase("null")]
    [TestCase(One)]
    public void The_table_is_listed_once(string? current)
        => Assert.That(LoggedArtifactsTag.Append(current, "tab/t.json"), Is.EqualTo(One));

    [Test]
    public void An_entry_is_known_in_Pythons_writing_too()
        => Assert.That(
            LoggedArtifactsTag.Append("""[{"type": "table", "path": "tab/t.json"}]""", "tab/t.json"),
            Is.EqualTo("""[{"type":"table","path":"tab/t.json"}]"""));

    [Test]
    public void A_second_table_is_appended_and_what_is_strange_stays()
        => Assert.That(
            LoggedArtifactsTag.Append("""[1,{"path":"t.json","type":"other"},{"path":"x","path":"y"}]""", "t.json"),
            Is.EqualTo("""[1,{"path":"t.json","type":"other"},{"path":"x","path":"y"},{"path":"t.json","type":"table"}]"""));
}
