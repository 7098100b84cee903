namespace ModelTrack.Client.Tests;

internal sealed class ExcerptTests
{
    [TestCase("", "\"\"")]
    [TestCase("a b", "\"a b\"")]
    [TestCase("日本 😀", "\"日本 😀\"")]
    [TestCase("a\r\n\tb", "\"a\\r\\n\\tb\"")]
    [TestCase("\u001b[31m", "\"\\u001B[31m\"")]
    [TestCase("a\u202eb", "\"a\\u202Eb\"")]
    [TestCase("a\u2028b", "\"a\\u2028b\"")]
    public void Text_is_quoted_and_what_a_terminal_would_obey_is_escaped(string text, string shown)
        => Assert.That(Excerpt.Of(text), Is.EqualTo(shown));

    [Test]
    public void Half_a_pair_is_escaped() => Assert.That(Excerpt.Of(new string(['a', '\ud800'])), Is.EqualTo("\"a\\uD800\""));

    [Test]
    public void A_long_text_is_cut_between_characters()
    {
        Assert.That(Excerpt.Of(new string('a', 100)), Is.EqualTo($"\"{new string('a', 100)}\""));
        Assert.That(Excerpt.Of(new string('a', 101)), Is.EqualTo($"\"{new string('a', 100)}…\""));
        Assert.That(Excerpt.Of(new string('a', 99) + "😀b"), Is.EqualTo($"\"{new string('a', 99)}…\""));
    }
}
