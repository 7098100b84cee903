using System.Text;

namespace ModelTrack.Client.Tests;

internal sealed class CodePointsTests
{
    [TestCase("", 0)]
    [TestCase("abc", 3)]
    [TestCase("\U0001F600", 1)]
    [TestCase("a\U0001F600\U0001F600b", 4)]
    public void Length_is_counted_as_Python_counts(string text, int count) => Assert.That(CodePoints.Count(text), Is.EqualTo(count));

    [Test]
    public void Halves_of_pairs_count_as_one_each()
        => Assert.That(CodePoints.Count(new string(['\ud800', '\ud800', '\udc00', '\udc00'])), Is.EqualTo(3));

    // From Python 3.11: re.fullmatch(r'\w', chr(c)).
    [TestCase('_', true)]
    [TestCase('ª', true)]
    [TestCase('²', true)]
    [TestCase('¼', true)]
    [TestCase('ʰ', true)]
    [TestCase('①', true)]
    [TestCase('〇', true)]
    [TestCase('々', true)]
    [TestCase('ー', true)]
    [TestCase('ा', false)] // Mc
    [TestCase('\u0300', false)] // Mn
    [TestCase('⁀', false)] // Pc
    [TestCase('€', false)]
    [TestCase('·', false)]
    [TestCase('\u200d', false)]
    [TestCase('ⓐ', false)] // So, though it is a letter by another property
    public void A_word_character_is_one_of_Pythons(char c, bool word) => Assert.That(CodePoints.IsWord(new Rune(c)), Is.EqualTo(word));
}
