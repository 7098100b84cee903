using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using FsCheck.Fluent;
using ModelTrack.Client.Backends.Files;
using ModelTrack.Client.Numbers;
using ModelTrack.Client.Tracking.Search;

namespace ModelTrack.Client.Fuzz.Properties;

/// <summary>What is true of the forms in which values are written as text.</summary>
internal sealed class TextProperties
{
    [Test]
    public void A_number_as_Python_writes_it_reads_back_to_the_last_bit()
        => Generators.Numbers.Check(
            number =>
            {
                Span<byte> text = stackalloc byte[PythonFloat.MaxLength];
                var length = PythonFloat.Write(number, text);
                return PythonNumber.TryParseFloat(text[..length], out var read) && read.Equals(number)
                    && (double.IsNaN(number) || double.IsNegative(read) == double.IsNegative(number));
            },
            cases: 3000);

    [Test]
    public void A_line_of_a_metric_file_reads_back_as_the_point_that_it_was_written_of()
        => Generators.Points.Check(
            point =>
            {
                Span<byte> line = stackalloc byte[MetricLineWriter.MaxLength];
                return MetricLine.TryParse(line[..MetricLineWriter.Write(point, line)], out var read) && read == point;
            },
            cases: 3000);

    [Test]
    public void The_text_of_a_value_is_the_value_in_any_culture()
        => (from number in Generators.Numbers
            from integer in Generators.Integers
            from culture in Gen.Elements("de-DE", "tr-TR", "ar-SA", "")
            select (Number: number, Integer: integer, Culture: culture)).Check(given =>
            {
                var before = CultureInfo.CurrentCulture;
                try
                {
                    CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(given.Culture);
                    return double.Parse(ValueText.Format(given.Number), CultureInfo.InvariantCulture).Equals(given.Number)
                        && long.Parse(ValueText.Format(given.Integer), CultureInfo.InvariantCulture) == given.Integer
                        && ValueText.Format((given.Integer % 3) == 0) is "true" or "false";
                }
                finally
                {
                    CultureInfo.CurrentCulture = before;
                }
            });

    [Test]
    public void A_text_in_a_meta_yaml_reads_back_as_it_was_written()
        => Generators.Texts.Where(text => !text.Contains('\0', StringComparison.Ordinal)).Check(
            text =>
            {
                var yaml = new MetaYaml();
                yaml.Set("name", text);
                yaml.Set("time", text.Length);
                var read = MetaYaml.Parse(yaml.ToUtf8());
                return read.GetText("name") == text && read.GetInteger("time") == text.Length;
            },
            cases: 3000);

    [Test]
    public void A_LIKE_pattern_matches_what_the_regular_expression_of_it_does()
        => Gen.Two(Gen.ListOf(Gen.Elements("a", "b", "%", "_", "\n", "é", "\ud83d\ude00", "[", ".")).Select(string.Concat)).Check(
            two =>
            {
                // A dot of .NET's expressions is half of such a character.
                var expression = string.Concat(two.Item1.EnumerateRunes().Select(rune => rune.Value switch
                {
                    '%' => ".*",
                    '_' => "(?:[\ud800-\udbff][\udc00-\udfff]|[^\ud800-\udfff])",
                    _ => Regex.Escape(rune.ToString()),
                }));
                return new LikePattern(two.Item1, ignoreCase: false).Matches(two.Item2) == Regex.IsMatch(two.Item2, $@"\A{expression}\z", RegexOptions.Singleline);
            },
            cases: 3000);

    [Test]
    public void An_excerpt_is_short_whole_and_shows_nothing_that_a_terminal_obeys()
        => Gen.OneOf(Generators.Texts, Gen.ListOf(Gen.Choose(0, 0xFFFF)).Select(units => string.Concat(units.Select(unit => (char)unit)))).Check(
            text =>
            {
                var shown = Excerpt.Of(text);
                return shown.Length <= (Excerpt.MaxLength * 6) + 3 && CodePoints.IndexOfLoneSurrogate(shown) < 0
                    && !shown.EnumerateRunes().Any(rune => Rune.IsControl(rune) || Rune.GetUnicodeCategory(rune) == UnicodeCategory.Format);
            },
            cases: 3000);

    [Test]
    public void What_a_reader_meets_is_found_by_its_number()
        => Gen.ListOf(Gen.Zip(Gen.OneOf(Gen.Choose(0, 200), Gen.Choose(int.MinValue, int.MaxValue), Gen.Choose(16_300, 16_500)), Generators.Keys)).Check(keys =>
        {
            var table = new ModelTrack.Client.Journal.NumberTable<string>();
            var expected = new Dictionary<int, string>();
            foreach (var (number, text) in keys)
            {
                table.Set(number, text);
                expected[number] = text;
            }

            return expected.All(key => table.Find(key.Key) == key.Value) && table.Find(keys.Count == 0 ? 1 : keys.Max(key => key.Item1) ^ 1) is var other
                && (other is null || expected.ContainsValue(other));
        });
}
