using System.Text.RegularExpressions;
using ModelTrack.Client.Fakes.Wire;
using ModelTrack.Client.Tracking.Search;

namespace ModelTrack.Client.Fakes.Routes;

/// <summary>The searches for runs and experiments. The grammar is the client's, which knows MLflow's; here is what servers add to it.</summary>
internal static partial class SearchRoutes
{
    private const int MaxResults = 50000;

    private static readonly string[] Views = ["ACTIVE_ONLY", "DELETED_ONLY", "ALL"];

    private static readonly MessageType Runs = new(
        Field.Texts("experiment_ids", Check.List),
        Field.Text("filter", Check.Text),
        Field.Enumeration("run_view_type", Views),
        Field.Integer("max_results", Check.Integer, Check.AtMost(MaxResults)),
        Field.Texts("order_by", Check.List, Check.ListOfTexts),
        Field.Text("page_token"));

    private static readonly MessageType Experiments = new(
        Field.Enumeration("view_type", Views, Check.Integer),
        Field.Integer("max_results", Check.Integer),
        Field.Texts("order_by", Check.List),
        Field.Text("filter", Check.Text),
        Field.Text("page_token", Check.Text));

    public static void AddTo(Router router)
    {
        router.Api("POST", "/runs/search", OnSearchRuns);
        router.Api("POST", "/experiments/search", OnSearchExperiments);
        router.Api("GET", "/experiments/search", OnSearchExperiments);
    }

    /// <summary>Runs the reading of a filter or an order, whose errors are the client's fault.</summary>
    public static T Parse<T>(Call call, string filter, Func<T> parse)
    {
        if (!call.Version.AtLeast(3, 9) && NullTest().IsMatch(QuotedPart().Replace(filter, "''")))
        {
            throw FakeException.Invalid("IS NULL and IS NOT NULL are not supported.");
        }

        try
        {
            return parse();
        }
        catch (ArgumentException exception)
        {
            throw FakeException.Invalid(exception.Message);
        }
    }

    private static FakeAnswer OnSearchRuns(Call call)
    {
        var request = call.Read(Runs);
        var (filter, orderBy) = (request.Text("filter"), request.Texts("order_by"));
        var most = request.Has("max_results") ? request.Integer("max_results") : 1000;
        if (call.IsSql)
        {
            CheckMaxResults(most);
            CheckNoFieldTwice(orderBy);
        }

        var search = Parse(call, filter, () => RunSearch.Parse(filter, orderBy));
        var ids = request.Texts("experiment_ids");
        if (call.IsSql && call.Version.AtLeast(3, 0) && ids.FirstOrDefault(id => !long.TryParse(id, out _)) is { } malformed)
        {
            throw FakeException.Internal($"invalid literal for int() with base 10: '{malformed}'");
        }

        var view = request.Enumeration("run_view_type") ?? 1;
        var found = new List<RunSnapshot>();
        foreach (var run in call.State.RunStore.Values.Where(r => ids.Contains(r.ExperimentId) && IsInView(r.IsDeleted, view)))
        {
            MetricRoutes.CheckReadable(run);
            var snapshot = Snapshots.Of(run);
            if (search.Matches(call.IsSql ? Snapshots.WithZeroForNaN(snapshot) : snapshot))
            {
                found.Add(snapshot);
            }
        }

        search.Sort(found);
        var (page, next) = PageToken.Page(found, request.TextOrNull("page_token"), most);
        return Json.Answer(json =>
        {
            json.WriteList("runs", page, (w, run) => RunRoutes.Write(w, call, call.State.RunStore[run.Id]));
            json.WriteOptional("next_page_token", next);
        });
    }

    private static FakeAnswer OnSearchExperiments(Call call)
    {
        var request = call.Read(Experiments);
        var (filter, orderBy) = (request.Text("filter"), request.Texts("order_by"));
        CheckMaxResults(request.Integer("max_results"));
        if (PluralAttributes().IsMatch(filter))
        {
            throw FakeException.Invalid("Invalid entity type 'attributes'. Valid entity types are {'attribute', 'tag'}");
        }

        if (call.IsSql && LowerCaseLike().Match(QuotedPart().Replace(filter, "''")) is { Success: true } like)
        {
            throw FakeException.Invalid($"Invalid comparator for string attribute: {like.Value.Trim()}");
        }

        var search = Parse(call, filter, () => ExperimentSearch.Parse(filter, orderBy));
        var view = request.Enumeration("view_type") ?? 1;
        var found = call.State.ExperimentStore.Values
            .Where(experiment => IsInView(experiment.IsDeleted, view))
            .Select(experiment => Snapshots.Of(experiment, numericIds: call.IsSql))
            .Where(search.Matches)
            .ToList();
        search.Sort(found);
        var (page, next) = PageToken.Page(found, request.TextOrNull("page_token"), request.Integer("max_results"));
        var byName = call.State.ExperimentStore.Values.ToDictionary(experiment => experiment.Name);
        return Json.Answer(json =>
        {
            json.WriteList("experiments", page, (w, experiment) => ExperimentRoutes.Write(w, byName[experiment.Name]));
            json.WriteOptional("next_page_token", next);
        });
    }

    private static bool IsInView(bool deleted, int view) => view == 3 || deleted == (view == 2);

    private static void CheckMaxResults(long most)
    {
        if (most < 1)
        {
            throw FakeException.Invalid($"Invalid value {most} for parameter 'max_results' supplied. It must be a positive integer");
        }

        if (most > MaxResults)
        {
            throw FakeException.Invalid($"Invalid value {most} for parameter 'max_results' supplied. It must be at most {MaxResults}");
        }
    }

    public static void CheckNoFieldTwice(IReadOnlyList<string> orderBy)
    {
        var fields = orderBy.Select(element => Direction().Replace(element.Trim(), "")).ToList();
        if (fields.Distinct(StringComparer.Ordinal).Count() != fields.Count)
        {
            throw FakeException.Internal($"`order_by` contains duplicate fields: {PythonText.List(orderBy)}");
        }
    }

    [GeneratedRegex(@"\s+(asc|desc)$", RegexOptions.IgnoreCase)]
    private static partial Regex Direction();

    [GeneratedRegex("""'[^']*'|"[^"]*"|`[^`]*`""")]
    private static partial Regex QuotedPart();

    [GeneratedRegex(@"\bis\s+(not\s+)?null\b", RegexOptions.IgnoreCase)]
    private static partial Regex NullTest();

    [GeneratedRegex(@"(^|\s)attributes\.")]
    private static partial Regex PluralAttributes();

    [GeneratedRegex(@"\s(?!LIKE|ILIKE)[iI]?[lL][iI][kK][eE]\b")]
    private static partial Regex LowerCaseLike();
}
