using System.Text.RegularExpressions;

namespace ModelTrack.Client.MLNet.Tests.Docs;

internal sealed partial class TroubleshootingTests
{
    /// <summary>What the page quotes in its left columns, piece by piece, stands in the sources; and it quotes enough to be of use.</summary>
    [Test]
    public void Messages_on_the_page_are_those_of_the_code()
    {
        var sources = string.Join('\n', Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText));
        var code = Joints().Replace(sources, "");
        var quoted = Repository.Read("docs/troubleshooting.md").Split('\n')
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal))
            .SelectMany(line => Quotes().Matches(line.Split('|')[1]).Select(match => match.Groups[1].Value))
            .Where(quote => quote.Contains(' '))
            .SelectMany(quote => quote.Split('…', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            .Where(piece => piece.Length > 3)
            .ToList();
        Assert.That(quoted, Has.Count.GreaterThan(20));
        Assert.That(quoted.Where(piece => !code.Contains(piece, StringComparison.Ordinal)), Is.Empty);
    }

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Quotes();

    /// <summary>Where a text goes on in the next line of the source.</summary>
    [GeneratedRegex("\"\\s*\\+\\s*\\$?\"")]
    private static partial Regex Joints();
}
