using System.Text;
using ModelTrack.Client.Fuzz.Mutation;
using ModelTrack.Client.Fuzz.Running;
using ModelTrack.Client.Tracking.Search;

namespace ModelTrack.Client.Fuzz.Targets;

/// <summary>Filters and orders of runs, experiments and registered models: a search that can be carried out, or an <see cref="ArgumentException"/>.</summary>
internal sealed class SearchTarget : FuzzTarget
{
    private static readonly RunSnapshot[] Runs =
    [
        new RunSnapshot { Id = "a", ExperimentId = "0" },
        new RunSnapshot
        {
            Id = "b",
            ExperimentId = "1",
            Name = "x_%\ud83d\ude00\ud800",
            StartTime = DateTimeOffset.MaxValue,
            EndTime = DateTimeOffset.MinValue,
            Metrics = new Dictionary<string, MetricPoint> { ["m"] = new(double.NaN, long.MinValue, long.MaxValue), ["a b"] = new(1, 1, 1) },
            Params = new Dictionary<string, string> { ["p"] = "İ", ["m"] = new string('a', 200) },
            Tags = new Dictionary<string, string> { ["t"] = "", ["with space"] = "%_\\" },
            DatasetInputs = [new DatasetInput("d", "digest", "local", "{}", null, null, new Dictionary<string, string>())],
        },
        new RunSnapshot { Id = "", ExperimentId = "0", Status = (RunStatus)77, UserId = "u" },
    ];

    private static readonly Experiment[] Experiments = [new Experiment { Id = "0", Name = "Default" }, new Experiment { Id = "1", Name = "" }];

    private static readonly RegisteredModel[] Models = [new RegisteredModel { Name = "m" }, new RegisteredModel { Name = "n" }];

    public override string Name => "search";

    public override int ShortCount => 6_000;

    /// <summary>A message shows 60 characters of the input, whose words are read in turn.</summary>
    public override int BytesPerByte => 400;

    protected override IReadOnlyList<string> Words => FilterGrammar.Words;

    public override IEnumerable<byte[]> Seeds() =>
    [
        .. SeedFiles.Kept(Name),
        .. new[]
        {
            "metrics.m >= 0 and params.model != 'rnn' and attributes.status = 'RUNNING' and tags.`with space` = '2'",
            "run_id NOT IN ('a', \"b\") AND datasets.name ILIKE '%x_'",
            "tags.a IS NOT NULL AND params.`b c` IS NULL AND start_time > -1.5e-3",
            "metrics.`a b` DESC, start_time, params.p ASC",
            "name LIKE 'a%' AND creation_time < 1e999",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    public override byte[] Next(Random random, IReadOnlyList<byte[]> pool)
        => random.Next(2) == 0 ? Encoding.UTF8.GetBytes(FilterGrammar.Make(random)) : new Mutator(random, Words).Mutate(pool);

    public override Outcome Read(byte[] input)
    {
        // As UTF-16 it may hold halves of pairs.
        var text = input.Length % 7 == 0 ? Encoding.Unicode.GetString(input) : Encoding.UTF8.GetString(input);
        var results = new List<string>
        {
            Try(() =>
            {
                var search = RunSearch.Parse(text, []);
                return Runs.Count(search.Matches);
            }),
            Try(() =>
            {
                RunSearch.Parse(null, [text]).Sort([.. Runs, .. Runs]);
                return 1;
            }),
            Try(() =>
            {
                RunSearch.Parse(null, [.. OrderByText.Split(text)]).Sort([.. Runs, .. Runs]);
                return 1;
            }),
            Try(() => Experiments.Count(ExperimentSearch.Parse(text, []).Matches)),
            Try(() => Models.Count(RegistrySearch<RegisteredModel>.Parse(RegisteredModelSearchSchema.Instance, text, []).Matches)),
        };
        var read = results.Count(result => char.IsAsciiDigit(result[0]));
        return new Outcome(
            read > 0 ? Depth.Read : results.All(result => result.Contains("at character 1 ", StringComparison.Ordinal)) ? Depth.Refused : Depth.Partial,
            string.Join('|', results.Select(result => result.Length > 34 ? result[..34] : result)) + (input.Length / 16 % 8));
    }

    private static string Try(Func<int> search)
    {
        try
        {
            return search().ToString(System.Globalization.CultureInfo.InvariantCulture);
        }
        catch (ArgumentException e) when (e is not ArgumentOutOfRangeException and not ArgumentNullException && e.ParamName is "filter" or "orderBy")
        {
            return e.Message.Contains("at character 1 ", StringComparison.Ordinal) ? "at character 1 " : ShapeOf(e);
        }
    }
}
