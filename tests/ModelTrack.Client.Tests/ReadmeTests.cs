namespace ModelTrack.Client.Tests;

[NonParallelizable]
internal sealed class ReadmeTests
{
    private static string Folder => TestContext.CurrentContext.TestDirectory;

    [Test]
    public void The_example_in_README_is_the_one_that_is_compiled_here()
    {
        var readme = File.ReadAllText(Path.Combine(Folder, "README.md"));
        var source = File.ReadAllText(Path.Combine(Folder, "ReadmeExample.cs"));

        Assert.That(Between(readme, "```csharp\n", "```"), Is.EqualTo("using ModelTrack.Client;\n\n" + Unindent(Between(source, "// begin\n", "// end"))));
    }

    [Test]
    public async Task The_example_in_README_runs_and_prints_its_run()
    {
        using var folder = new ScratchFolder();
        var before = (Environment.CurrentDirectory, Console.Out);
        using var output = new StringWriter();
        try
        {
            Environment.CurrentDirectory = folder.Path;
            Console.SetOut(output);

            await ReadmeExample.RunAsync();
        }
        finally
        {
            Environment.CurrentDirectory = before.CurrentDirectory;
            Console.SetOut(before.Out);
        }

        Assert.That(output.ToString().Trim(), Is.EqualTo("fast-tree Finished: loss 0.02, 55 records stored"));
    }

    private static string Between(string text, string start, string end)
    {
        text = text.ReplaceLineEndings("\n");
        var from = text.IndexOf(start, StringComparison.Ordinal) + start.Length;
        return text[from..text.IndexOf(end, from, StringComparison.Ordinal)].TrimEnd();
    }

    private static string Unindent(string code) => string.Join('\n', code.Split('\n').Select(line => line.StartsWith("        ", StringComparison.Ordinal) ? line[8..] : line));
}
