namespace ModelTrack.Client.Tests.Artifacts;

internal sealed class ArtifactPathTests
{
    [TestCase("a")]
    [TestCase("reports/confusion matrix.csv")]
    [TestCase("日本/é.txt")]
    [TestCase("100%")]
    [TestCase("a%zz")]
    [TestCase("report%20final.csv")]
    [TestCase("a?b&c=d+e;f")]
    [TestCase("..a/b..")]
    [TestCase(".hidden/.a.b")]
    [TestCase("10:30.txt")]
    [TestCase("console.log")]
    [TestCase("com.txt")]
    [TestCase("com10.txt")]
    [TestCase("a.nul")]
    [TestCase("😀.png")]
    public void A_harmless_path_stays_as_it_is(string path)
    {
        Assert.That(ArtifactPath.Normalize(path), Is.EqualTo(path));
        Assert.That(ArtifactPath.NormalizeFolder(path), Is.EqualTo(path));
        Assert.That(ArtifactPath.NormalizeForReading(path), Is.EqualTo(path));
    }

    [TestCase("/etc/passwd", "absolute")]
    [TestCase("//server/share", "absolute")]
    [TestCase("%2fetc/passwd", "absolute")]
    [TestCase("%252Fetc", "absolute")]
    [TestCase("C:/x", "drive")]
    [TestCase("c:x", "drive")]
    [TestCase("C:", "drive")]
    [TestCase("C%3A/x", "drive")]
    [TestCase("\\\\server\\share", "'\\'")]
    [TestCase("a\\..\\b", "'\\'")]
    [TestCase("a%5c..%5cb", "'\\'")]
    [TestCase("..", "part \"..\"")]
    [TestCase("../a", "part \"..\"")]
    [TestCase("a/..", "part \"..\"")]
    [TestCase("a/../../b", "part \"..\"")]
    [TestCase("%2e%2e/a", "part \"..\"")]
    [TestCase("%2E./a", "part \"..\"")]
    [TestCase("a/.%2e", "part \"..\"")]
    [TestCase("a%2f..%2fb", "part \"..\"")]
    [TestCase("a%2F%2e%2e%2Fb", "part \"..\"")]
    [TestCase("%252e%252e/a", "part \"..\"")]
    [TestCase("%25252525252e%25252525252e/a", "part \"..\"")]
    [TestCase("%252525252525252525252525252e.", "over and over")]
    [TestCase("a/%FF/%2e%2e/b", "part \"..\"")]
    [TestCase("a/%c3%28%2e%2e%2fb/%2E%2e", "part \"..\"")]
    [TestCase("a/.. /b", "part")]
    [TestCase("a/. ./b", "part")]
    [TestCase("a/.../b", "part")]
    [TestCase("a/ /b", "part")]
    [TestCase("./a", "part \".\"")]
    [TestCase("a/.", "part \".\"")]
    [TestCase("a//b", "empty part")]
    [TestCase("a/", "empty part")]
    [TestCase("a%2f%2fb", "empty part")]
    [TestCase("a\nb", "U+000A")]
    [TestCase("a\0.txt", "U+0000")]
    [TestCase("a%00.txt", "U+0000")]
    [TestCase("a\u007f", "U+007F")]
    [TestCase("a\u0085", "U+0085")]
    public void A_path_that_could_lead_elsewhere_is_refused_for_writing_and_for_reading(string path, string reason)
    {
        Assert.That(() => ArtifactPath.Normalize(path), Throws.ArgumentException.With.Message.Contains(reason));
        Assert.That(() => ArtifactPath.NormalizeFolder(path), Throws.ArgumentException.With.Message.Contains(reason));
        Assert.That(() => ArtifactPath.NormalizeForReading(path), Throws.ArgumentException.With.Message.Contains(reason));
    }

    [TestCase("a#b.txt", "'#'")]
    [TestCase("a%23b", "'#'")]
    [TestCase("CON", "device")]
    [TestCase("nul.txt", "device")]
    [TestCase("a/Aux.tar.gz/b", "device")]
    [TestCase("com1", "device")]
    [TestCase("COM0.log", "device")]
    [TestCase("lpt³.x", "device")]
    [TestCase("prn .txt", "device")]
    [TestCase("conin$", "device")]
    [TestCase("c%6fn", "device")]
    public void A_path_that_not_every_system_can_hold_is_refused_for_writing_only(string path, string reason)
    {
        Assert.That(() => ArtifactPath.Normalize(path), Throws.ArgumentException.With.Message.Contains(reason));
        Assert.That(ArtifactPath.NormalizeForReading(path), Is.EqualTo(path));
    }

    [Test]
    public void Half_a_surrogate_pair_is_refused()
    {
        var path = new string(['a', '\ud800', 'b']);

        Assert.That(() => ArtifactPath.Normalize(path), Throws.ArgumentException.With.Message.Contains("surrogate"));
        Assert.That(() => ArtifactPath.NormalizeForReading(path), Throws.ArgumentException);
    }

    [TestCase(null)]
    [TestCase("")]
    [TestCase(".")]
    public void The_root_has_three_names(string? path)
    {
        Assert.That(ArtifactPath.NormalizeFolder(path), Is.Empty);
        Assert.That(ArtifactPath.NormalizeForReading(path), Is.Empty);
    }

    [Test]
    public void The_root_is_no_file()
    {
        Assert.That(() => ArtifactPath.Normalize(""), Throws.ArgumentException);
        Assert.That(() => ArtifactPath.Normalize("."), Throws.ArgumentException);
        Assert.That(() => ArtifactPath.Normalize(null!), Throws.ArgumentNullException);
    }

    [TestCase(null, "a.txt", "a.txt")]
    [TestCase("", "a/b.txt", "a/b.txt")]
    [TestCase("x/y", "a.txt", "x/y/a.txt")]
    public void A_name_is_combined_with_its_folder(string? folder, string name, string path)
        => Assert.That(ArtifactPath.Combine(folder, name), Is.EqualTo(path));

    [TestCase("x", "/a")]
    [TestCase("x", "")]
    [TestCase("x", "../a")]
    [TestCase("x", "C:/a")]
    [TestCase("../x", "a")]
    [TestCase("x%2", "e%2e/a%")]
    public void Both_parts_are_checked(string folder, string name)
        => Assert.That(() => ArtifactPath.Combine(folder, name), name.EndsWith('%') ? Throws.Nothing : Throws.ArgumentException);
}
