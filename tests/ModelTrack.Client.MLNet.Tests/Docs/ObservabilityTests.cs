using System.Text.RegularExpressions;

namespace ModelTrack.Client.MLNet.Tests.Docs;

internal sealed partial class ObservabilityTests
{
    [Test]
    public void The_page_has_the_events_of_the_code_and_each_number_is_one_event()
    {
        var code = Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(path => Events().Matches(File.ReadAllText(path)).Select(match => (match.Groups[1].Value, match.Groups[2].Value)))
            .ToList();
        var page = Rows().Matches(Repository.Read("docs/observability.md")).Select(match => (match.Groups[1].Value, match.Groups[2].Value)).ToList();
        Assert.That(page, Is.EquivalentTo(code));
        Assert.That(code.Select(one => one.Item1), Is.Unique);
    }

    [GeneratedRegex("new EventId\\(([0-9]+), \"([A-Za-z]+)\"\\)")]
    private static partial Regex Events();

    [GeneratedRegex("^\\| ([0-9]+) \\| ([A-Za-z]+) \\|", RegexOptions.Multiline)]
    private static partial Regex Rows();
}
