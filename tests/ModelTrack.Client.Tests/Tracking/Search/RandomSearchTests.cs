using ModelTrack.Client.Tracking.Search;

namespace ModelTrack.Client.Tests.Tracking.Search;

internal sealed class RandomSearchTests
{
    private const string Alphabet = "ab.`\"'()=!<>%_,;-+eE10 \n\0\t\\/é😀\ud83d\u202eANDORINISNULLlike";

    private static readonly string[] Seeds =
    [
        "metrics.m0 >= 0 and params.model != 'rnn' and attributes.status = 'RUNNING' and tags.`with space` = '2'",
        "run_id NOT IN ('a', \"b\") AND datasets.name ILIKE '%x_'",
        "tags.a IS NOT NULL AND params.`b c` IS NULL AND start_time > -1.5e-3",
        "metrics.`a b` DESC",
        "name LIKE 'a%' AND creation_time < 1e999",
    ];

    [Test]
    public void Any_text_is_either_read_or_refused_with_an_ArgumentException()
    {
        var random = new Random(20_260_429);
        var run = Runs.Create(metrics: [("m0", 1)], tags: [("a", "x"), ("with space", "2")]);
        var read = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var text = Mutate(Seeds[random.Next(Seeds.Length)], random);
            read += Try(text, () => RunSearch.Parse(text, []).Matches(run));
            read += Try(text, () => ExperimentSearch.Parse(text, []).Matches(new Experiment { Id = "0", Name = text }));
            read += Try(text, () => RunSearch.Parse(null, [.. OrderByText.Split(text)]).Sort([run, run]));
        }

        Assert.That(read, Is.GreaterThan(1000), "The mutations should leave some texts readable.");
    }

    private static string Mutate(string seed, Random random)
    {
        var text = seed;
        for (var i = random.Next(1, 6); i > 0; i--)
        {
            var at = random.Next(text.Length + 1);
            var to = random.Next(at, Math.Min(text.Length, at + 5) + 1);
            text = random.Next(4) switch
            {
                0 => text.Remove(at, to - at),
                1 => text.Insert(random.Next(text.Length + 1), text[at..to]),
                2 => text[..at] + Alphabet[random.Next(Alphabet.Length)] + text[to..],
                _ => text.Insert(at, Alphabet[random.Next(Alphabet.Length)].ToString()),
            };
        }

        return text;
    }

    private static int Try(string text, Action search)
    {
        try
        {
            search();
            return 1;
        }
        catch (ArgumentException error) when (error is not ArgumentOutOfRangeException and not ArgumentNullException)
        {
            Assert.That(error.ParamName, Is.EqualTo("filter").Or.EqualTo("orderBy"), text);
            return 0;
        }
    }
}
