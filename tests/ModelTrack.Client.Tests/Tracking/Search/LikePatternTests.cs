using System.Diagnostics;
using ModelTrack.Client.Tracking.Search;

namespace ModelTrack.Client.Tests.Tracking.Search;

internal sealed class LikePatternTests
{
    [TestCase("", "", true)]
    [TestCase("", "a", false)]
    [TestCase("%", "", true)]
    [TestCase("%", "a\nb", true)]
    [TestCase("_", "", false)]
    [TestCase("_", "\n", true)]
    [TestCase("a", "a\n", false)]
    [TestCase("a%", "a", true)]
    [TestCase("%a", "ba", true)]
    [TestCase("%a", "ab", false)]
    [TestCase("%ab%", "xaabx", true)]
    [TestCase("a%b%c", "a1b2b3c", true)]
    [TestCase("a%b%c", "a1c2b", false)]
    [TestCase("%%_%", "x", true)]
    [TestCase("a.c", "abc", false)]
    [TestCase("[a]*", "[a]*", true)]
    [TestCase(@"a\%", @"a\b", true)]
    [TestCase("%_", "😀", true)]
    [TestCase("__", "😀", false)]
    [TestCase("😀", "😁", false)]
    [TestCase("%😁", "😀😁", true)]
    [TestCase("A", "a", false)]
    public void A_percent_sign_stands_for_any_run_and_an_underscore_for_one_character(string pattern, string text, bool expected) =>
        Assert.That(new LikePattern(pattern, ignoreCase: false).Matches(text), Is.EqualTo(expected));

    [TestCase("abc", "ABC", true)]
    [TestCase("ÄÖ%", "äöx", true)]
    [TestCase("σ", "ς", true)]
    [TestCase("i", "İ", false)]
    [TestCase("𐐀", "𐐨", true)]
    [TestCase("a", "b", false)]
    public void Case_can_be_ignored_in_every_culture(string pattern, string text, bool expected) =>
        Assert.That(new LikePattern(pattern, ignoreCase: true).Matches(text), Is.EqualTo(expected));

    [Test]
    public void Half_a_surrogate_pair_is_a_character_like_any_other()
    {
        Assert.That(new LikePattern("_\ud83d", ignoreCase: true).Matches("a\ud83d"), Is.True);
        Assert.That(new LikePattern("\ud83d", ignoreCase: true).Matches("😀"), Is.False);
    }

    [Test]
    public void Many_wildcards_do_not_make_it_slow()
    {
        var pattern = new LikePattern(string.Concat(Enumerable.Repeat("%a", 1000)) + "%b", ignoreCase: true);

        var watch = Stopwatch.StartNew();
        var matches = pattern.Matches(new string('a', 8000));

        Assert.That(matches, Is.False);
        Assert.That(watch.Elapsed, Is.LessThan(TimeSpan.FromSeconds(2)));
    }
}
