using System.Text;
using ModelTrack.Client.Backends.Files;
using ModelTrack.Client.Numbers;

namespace ModelTrack.Client.Tests.Backends.Files;

internal sealed class FileFormatTests
{
    [TestCase("5.0", 5.0)]
    [TestCase("1e-07", 1e-7)]
    [TestCase("1E5", 1e5)]
    [TestCase("+1_000.5", 1000.5)]
    [TestCase(".5", 0.5)]
    [TestCase("5.", 5.0)]
    [TestCase("nan", double.NaN)]
    [TestCase("-NaN", double.NaN)]
    [TestCase("inf", double.PositiveInfinity)]
    [TestCase("-inf", double.NegativeInfinity)]
    [TestCase("Infinity", double.PositiveInfinity)]
    [TestCase("1e400", double.PositiveInfinity)]
    [TestCase("5e-324", double.Epsilon)]
    public void A_value_is_read_as_Python_reads_it(string text, double expected)
    {
        Assert.That(PythonNumber.TryParseFloat(Encoding.UTF8.GetBytes(text), out var value));
        Assert.That(value, Is.EqualTo(expected));
    }

    [TestCase("")]
    [TestCase("1,5")]
    [TestCase("_1")]
    [TestCase("1__0")]
    [TestCase("0x10")]
    [TestCase("∞")]
    [TestCase("--1")]
    [TestCase("$1")]
    [TestCase(".")]
    public void What_Python_does_not_read_is_no_value(string text)
        => Assert.That(PythonNumber.TryParseFloat(Encoding.UTF8.GetBytes(text), out _), Is.False);

    [TestCase("1")]
    [TestCase("1 2 3 4")]
    [TestCase("1 2 3 4 5 6")]
    [TestCase("1  2 3")]
    [TestCase("1 2 3.5")]
    [TestCase("a 2 3")]
    public void A_line_of_another_form_is_damaged(string line)
        => Assert.That(MetricLine.TryParse(Encoding.UTF8.GetBytes(line), out _), Is.False);

    [TestCase("name: 'a''b: # c'\n", "a'b: # c")]
    [TestCase("name: 12e45\n", "12e45")]
    [TestCase("\uFEFFname: x\r\n", "x")]
    [TestCase("name: 'first\n\n  second\n  third'\n", "first\nsecond third")]
    [TestCase("name: one two\n  three\n", "one two three")]
    [TestCase("name: \"a\\tb\\u00e9\"\n", "a\tbé")]
    [TestCase("# comment\nname: x # comment\n", "x")]
    [TestCase("---\nname: |\n  a\n  b\n", "a\nb\n")]
    [TestCase("name: ''\n", "")]
    [TestCase("name: null\n", null)]
    [TestCase("name:\n", null)]
    [TestCase("name: -5\n", "-5")]
    [TestCase("name: 'null'\n", "null")]
    [TestCase("name: 'a\u2028  b\u2029  '\n", "a\u2028b\u2029")] // as PyYAML writes
    [TestCase("name: http://x:80/a#b\n", "http://x:80/a#b")]
    public void Meta_text_is_read_as_YAML_has_it(string yaml, string? expected)
        => Assert.That(MetaYaml.Parse(Encoding.UTF8.GetBytes(yaml)).GetText("name"), Is.EqualTo(expected));

    [TestCase("plain")]
    [TestCase("it's")]
    [TestCase(" lead and trail ")]
    [TestCase("null")]
    [TestCase("")]
    [TestCase("a\nb\r\n\tc\"\\")]
    [TestCase("\0\u0085\u2028\uFEFF\u007F")]
    [TestCase("naïve 日本語 🚀")]
    [TestCase("- x: [y] # {z}")]
    public void Written_meta_text_reads_back_by_either_parser(string text)
    {
        var yaml = new MetaYaml();
        yaml.Set("name", text);
        var written = yaml.ToUtf8();

        Assert.That(MetaYaml.Parse(written).GetText("name"), Is.EqualTo(text));
        Assert.That(((YamlScalar)MetaYamlParser.Parse(written)["name"]).Text, Is.EqualTo(text));
    }

    [TestCase("val/acc 1")]
    [TestCase("日本:é")]
    [TestCase("𝔘𐐀𝟘")] // beyond the basic plane
    [TestCase("Ⅷ½①²ª")] // numbers that are no digits
    public void A_key_that_may_be_logged_is_read(string key)
    {
        Assert.That(() => Rules.CheckMetricKey(key), Throws.Nothing);
        Assert.That(KeyPath.IsLegal(key));
    }

    [TestCase("e\u0301")]
    [TestCase("x#1")]
    [TestCase("~bad")]
    [TestCase("\uFFFD")]
    [TestCase("..x")]
    public void A_key_that_MLflow_refuses_is_not_read(string key) => Assert.That(KeyPath.IsLegal(key), Is.False);

    [Test]
    public void Nested_values_are_kept()
    {
        const string Text = "aliases:\n  champion: '2'\n  on: yes\nlist:\n- 1\n- a: 'x'\n  b: null\n- 'q,[r'\nname: n\n";

        var once = MetaYaml.Parse(Encoding.UTF8.GetBytes(Text)).ToUtf8();

        Assert.That(
            Encoding.UTF8.GetString(once),
            Is.EqualTo("aliases: {champion: '2', 'on': yes}\nlist: [1, {a: 'x', b: null}, 'q,[r']\nname: n\n"));
        Assert.That(MetaYaml.Parse(once).ToUtf8(), Is.EqualTo(once));
    }

    [TestCase("file:///a/b%20c", "/a/b%20c", "/a/b c")]
    [TestCase("file:/a", "/a")]
    [TestCase("file://localhost/a", "/a")]
    [TestCase("/a b", "/a b")]
    [Platform(Exclude = "Win")]
    public void A_local_location_is_taken_literally_and_then_decoded(string location, params string[] expected)
        => Assert.That(ArtifactLocations.ToLocalPaths(location), Is.EqualTo(expected));
}
