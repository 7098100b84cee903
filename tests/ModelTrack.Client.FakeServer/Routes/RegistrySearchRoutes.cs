using System.Text.RegularExpressions;
using ModelTrack.Client.Fakes.Wire;
using ModelTrack.Client.Tracking.Search;

namespace ModelTrack.Client.Fakes.Routes;

/// <summary>The searches for registered models and their versions.</summary>
internal static partial class RegistrySearchRoutes
{
    private static readonly MessageType Models = Search(1000);
    private static readonly MessageType Versions = Search(200_000);

    private static readonly SearchSchema<FakeRegisteredModel> SqlModels = ModelSchema(
        new OrderOnlyColumn<FakeRegisteredModel>("last_updated_timestamp", model => model.LastUpdateTime),
        new OrderOnlyColumn<FakeRegisteredModel>("timestamp", model => model.LastUpdateTime));

    private static readonly SearchSchema<FakeRegisteredModel> FileModels = ModelSchema(
        new OrderOnlyColumn<FakeRegisteredModel>("last_updated_timestamp", model => model.LastUpdateTime),
        new OrderOnlyColumn<FakeRegisteredModel>("creation_timestamp", model => model.CreationTime));

    private static readonly SearchSchema<FakeModelVersion> VersionSchema = new()
    {
        Subject = "Model versions",
        Entities =
        [
            new(["attribute", "attributes"],
            [
                new TextColumn<FakeModelVersion>("name", SearchOperators.Texts, version => version.Name),
                new TextColumn<FakeModelVersion>("source_path", SearchOperators.Texts, version => version.Source),
                new TextColumn<FakeModelVersion>("run_id", SearchOperators.Texts | SearchOperators.In, version => version.RunId),
                new NumberColumn<FakeModelVersion>("version_number", version => version.Version),
                new OrderOnlyColumn<FakeModelVersion>("creation_timestamp", version => version.CreationTime),
                new OrderOnlyColumn<FakeModelVersion>("last_updated_timestamp", version => version.LastUpdateTime),
            ]),
            new(
                ["tags", "tag"],
                key => new TextColumn<FakeModelVersion>(key, SearchOperators.Texts, version => version.Tags.GetValueOrDefault(key)),
                sortable: false),
        ],
        DefaultOrder = ["last_updated_timestamp DESC", "name ASC", "version_number DESC"],
        TieBreak = ["name ASC", "version_number DESC"],
    };

    public static void AddTo(Router router)
    {
        router.Api("GET", "/registered-models/search", OnSearchModels);
        router.Api("GET", "/model-versions/search", OnSearchVersions);
    }

    private static MessageType Search(int most) => new(
        Field.Text("filter", Check.Text),
        Field.Integer("max_results", Check.Integer, Check.AtMost(most)),
        Field.Texts("order_by", Check.List, Check.ListOfTexts),
        Field.Text("page_token", Check.Text));

    private static SearchSchema<FakeRegisteredModel> ModelSchema(params SearchColumn<FakeRegisteredModel>[] orderOnly) => new()
    {
        Subject = "Registered models",
        Entities =
        [
            new(
                ["attribute", "attributes"],
                [new TextColumn<FakeRegisteredModel>("name", SearchOperators.Texts, model => model.Name), .. orderOnly]),
            new(
                ["tags", "tag"],
                key => new TextColumn<FakeRegisteredModel>(key, SearchOperators.Texts, model => model.Tags.GetValueOrDefault(key)),
                sortable: false),
        ],
        DefaultOrder = ["name ASC"],
        TieBreak = ["name ASC"],
    };

    private static FakeAnswer OnSearchModels(Call call)
    {
        var request = call.Read(Models);
        var most = request.Has("max_results") ? request.Integer("max_results") : 100;
        CheckMaxResults(most, least: call.IsSql ? 0 : 1);
        var found = Search(call, request, call.IsSql ? SqlModels : FileModels, call.State.RegisteredModelStore.Values, model => model.IsPrompt);
        var (page, next) = PageToken.Page(found, request.TextOrNull("page_token"), most);
        return Json.Answer(json =>
        {
            json.WriteList("registered_models", page, (w, model) => RegistryLookup.WriteModel(w, call, model, stagesByName: call.IsSql));
            json.WriteOptional("next_page_token", next);
        });
    }

    private static FakeAnswer OnSearchVersions(Call call)
    {
        var request = call.Read(Versions);
        var most = request.Has("max_results") ? request.Integer("max_results") : 200_000;
        CheckMaxResults(most, least: 1);
        var found = Search(
            call,
            request,
            VersionSchema,
            call.State.RegisteredModelStore.Values.SelectMany(model => model.Versions).Where(version => !version.IsDeleted),
            version => version.Tags.GetValueOrDefault("mlflow.prompt.is_prompt", "").Equals("true", StringComparison.OrdinalIgnoreCase));
        var (page, next) = PageToken.Page(found, request.TextOrNull("page_token"), most);
        return Json.Answer(json =>
        {
            json.WriteList("model_versions", page, (w, version) => RegistryLookup.WriteVersion(w, call, version, aliases: !call.IsSql));
            json.WriteOptional("next_page_token", next);
        });
    }

    private static List<T> Search<T>(Call call, Message request, SearchSchema<T> schema, IEnumerable<T> all, Func<T, bool> isPrompt)
    {
        var (filter, orderBy) = (request.Text("filter"), request.Texts("order_by"));
        SearchRoutes.CheckNoFieldTwice(orderBy);
        var tests = SearchRoutes.Parse(call, filter, () => SearchFilter<T>.Parse(schema, filter));
        var order = SearchRoutes.Parse(call, "", () => SearchOrder<T>.Parse(schema, orderBy));
        var forPrompts = PromptsWanted().IsMatch(filter);
        var found = all.Where(item => (forPrompts || !isPrompt(item)) && tests.Matches(item)).ToList();
        order.Sort(found);
        return found;
    }

    private static void CheckMaxResults(long most, int least)
    {
        if (most < least)
        {
            throw FakeException.Invalid($"Invalid value for max_results. It must be a positive integer, but got {most}");
        }
    }

    /// <summary>Prompts are registered models too; they are only found when the filter asks for them.</summary>
    [GeneratedRegex(@"tags?\.[`""]?mlflow\.prompt\.is_prompt[`""]?\s*(=\s*['""]true|!=\s*['""]false)", RegexOptions.IgnoreCase)]
    private static partial Regex PromptsWanted();
}
