namespace ModelTrack.Client.Tests.Context;

internal sealed class GitConfigTests
{
    [TestCase("", null)]
    [TestCase("[core]\n\turl = no\n", null)]
    [TestCase("[remote \"origin\"]\n\turl = https://h/a\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n", "https://h/a")]
    [TestCase("[remote \"origin\"]\r\n\turl = https://h/a\r\n", "https://h/a")]
    [TestCase("[remote \"b\"]\n url = b\n[remote \"origin\"]\n url = o\n", "o")]
    [TestCase("[remote \"b\"]\n url = b\n[remote \"c\"]\n url = c\n", "b")]
    [TestCase("[remote \"origin\"]\n pushurl = p\n", null)]
    [TestCase("[remote \"origin\"]\n url =\n[remote \"b\"]\n url = b\n", "b")]
    [TestCase("[REMOTE \"origin\"]\n URL=o ; comment\n", "o")]
    [TestCase("[remote \"origin\"]\n url = \"a#b;c\" # comment\n", "a#b;c")]
    [TestCase("[remote \"origin\"]\n url = C:\\\\src\\\\r\n", "C:\\src\\r")]
    [TestCase("[remote \"origin\"]\n url = a\\\nb\n", "ab")]
    [TestCase("[remote \"origin\"] # why\n# url = no\n url = o\n[branch \"main\"]\n url = no\n", "o")]
    [TestCase("[remote \"o\\\"rigin\"]\n url = q\n", "q")]
    [TestCase("url = no\n[remote\n]\"[=\n", null)]
    public void The_remote_is_origin_or_the_first(string config, string? url) => Assert.That(GitConfig.RemoteUrl(config), Is.EqualTo(url));
}
