namespace ModelTrack.Client.Tests.Registry;

internal sealed class RunsUriTests
{
    [TestCase("runs:/abc/model", "abc", "model")]
    [TestCase("runs:/abc/a b/c%20d", "abc", "a b/c%20d")]
    [TestCase("runs:/abc/model/", "abc", "model")]
    [TestCase("runs:/abc/", "abc", "")]
    [TestCase("runs:/abc", "abc", "")]
    public void A_run_and_a_path_are_told_apart(string uri, string runId, string path)
        => Assert.That(RunsUri.Parse(uri), Is.EqualTo(new RunsUri(runId, path)));

    [TestCase("runs:/")]
    [TestCase("runs://host/abc")]
    [TestCase("runs:abc/model")]
    [TestCase("runs:/a b/model")]
    [TestCase("runs:/abc/../model")]
    [TestCase("runs:/abc/%2e%2e/model")]
    public void Other_texts_are_refused(string uri) => Assert.Throws<ArgumentException>(() => RunsUri.Parse(uri));
}
