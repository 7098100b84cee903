namespace ModelTrack.Client.Tests.Context;

internal sealed class GitUrlTests
{
    [TestCase("https://github.com/o/r.git", "https://github.com/o/r.git")]
    [TestCase("https://token@github.com/o/r.git", "https://github.com/o/r.git")]
    [TestCase("https://ann:s3cret@host:8443/o/r.git", "https://host:8443/o/r.git")]
    [TestCase("https://ann:s3@cret@host/o/r", "https://host/o/r")]
    [TestCase("https://host/o/@r", "https://host/o/@r")]
    [TestCase("https://ann:s3cret@host", "https://host")]
    [TestCase("https://host/r.git?private_token=s3cret", "https://host/r.git")]
    [TestCase("git@github.com:o/r.git", "git@github.com:o/r.git")]
    [TestCase("github.com:o/r.git", "github.com:o/r.git")]
    [TestCase("ann:s3cret@host:o/r.git", "host:o/r.git")]
    [TestCase("ssh://git@host:22/o/r.git", "ssh://git@host:22/o/r.git")]
    [TestCase("ssh://ann:s3cret@host/o/r.git", "ssh://ann@host/o/r.git")]
    [TestCase("ssh://host/o/r.git", "ssh://host/o/r.git")]
    [TestCase("file:///srv/r.git", "file:///srv/r.git")]
    [TestCase("/srv/r.git", "/srv/r.git")]
    [TestCase("../r.git", "../r.git")]
    public void No_secret_is_left_in_a_URL(string url, string shown) => Assert.That(GitUrl.WithoutUserInfo(url), Is.EqualTo(shown));
}
