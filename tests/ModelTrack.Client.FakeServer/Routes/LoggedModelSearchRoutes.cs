using System.Text;
using System.Text.Json;
using ModelTrack.Client.Fakes.Wire;

namespace ModelTrack.Client.Fakes.Routes;

/// <summary>The search for logged models.</summary>
internal static class LoggedModelSearchRoutes
{
    private static readonly MessageType Dataset = new(Field.Text("dataset_name"), Field.Text("dataset_digest"));

    private static readonly MessageType OrderBy = new(
        Field.Text("field_name"),
        Field.Flag("ascending"),
        Field.Text("dataset_name"),
        Field.Text("dataset_digest"));

    private static readonly MessageType Search = new(
        Field.Texts("experiment_ids", Check.List, Check.ListOfTexts, Check.Required),
        Field.Text("filter", Check.Text),
        Field.Many("datasets", Dataset, Check.List),
        Field.Integer("max_results", Check.Integer),
        Field.Many("order_by", OrderBy, Check.List),
        Field.Text("page_token", Check.Text));

    public static void AddTo(Router router) => router.Api("POST", "/logged-models/search", OnSearch, since: "3.0");

    private static FakeAnswer OnSearch(Call call)
    {
        var request = call.Read(Search);
        var datasets = request.Many("datasets").Select(d => (Name: d.Text("dataset_name"), Digest: d.TextOrNull("dataset_digest"))).ToList();
        if (datasets.Exists(dataset => dataset.Name.Length == 0))
        {
            throw FakeException.Invalid("`dataset_name` in the `datasets` clause must be specified.");
        }

        bool InDatasets(FakeModelMetric metric) => datasets.Count == 0 || datasets.Exists(d => d.Name == metric.DatasetName
            && (d.Digest == metric.DatasetDigest || (d.Digest is null && !call.IsSql)));

        var scope = Scope(request);
        var offset = ReadToken(request.TextOrNull("page_token"), scope);
        var filter = new LoggedModelFilter(request.Text("filter"), call.IsSql, InDatasets);
        var ids = request.Texts("experiment_ids");
        var found = call.State.LoggedModelStore.Values
            .Where(model => !model.IsDeleted && ids.Contains(model.ExperimentId) && filter.Matches(model)
                && (datasets.Count == 0 || filter.HasMetrics || model.Metrics.Any(InDatasets)))
            .Reverse()
            .ToList();
        var sorted = Sort(found, request.Many("order_by"));
        var most = request.Has("max_results") ? (int)request.Integer("max_results") : 50;
        most = most == 0 ? 100 : most;
        return Json.Answer(json =>
        {
            json.WriteList("models", sorted.Skip(offset).Take(most), (w, model) => LoggedModelRoutes.Write(w, call, model));
            json.WriteOptional("next_page_token", offset + most < sorted.Count ? WriteToken(scope, offset + most) : null);
        });
    }

    private static List<FakeLoggedModel> Sort(List<FakeLoggedModel> models, IReadOnlyList<Message> orderBy)
    {
        IOrderedEnumerable<FakeLoggedModel> sorted = models.OrderBy(_ => 0);
        var byCreation = false;
        foreach (var element in orderBy)
        {
            var (field, ascending) = (element.Text("field_name"), !element.Has("ascending") || element.Flag("ascending"));
            byCreation |= field is "creation_timestamp" or "creation_time" or "creation_timestamp_ms";
            var key = KeyOf(field, element.TextOrNull("dataset_name"), element.TextOrNull("dataset_digest"));
            sorted = sorted.ThenBy(model => key(model) is null);
            sorted = ascending ? sorted.ThenBy(key, NullsLast) : sorted.ThenByDescending(key, NullsLast);
        }

        return [.. byCreation ? sorted : sorted.ThenByDescending(model => model.CreationTime)];
    }

    private static readonly Comparer<IComparable?> NullsLast = Comparer<IComparable?>.Create((left, right)
        => left is string a && right is string b ? string.CompareOrdinal(a, b) : Comparer<IComparable?>.Default.Compare(left, right));

    private static Func<FakeLoggedModel, IComparable?> KeyOf(string field, string? dataset, string? digest)
    {
        var dot = field.IndexOf('.', StringComparison.Ordinal);
        if (dot >= 0 && field[..dot] == "metrics")
        {
            return model => model.Metrics
                .Where(m => m.Key == field[(dot + 1)..] && (dataset is null || m.DatasetName == dataset) && (digest is null || m.DatasetDigest == digest))
                .MaxBy(m => (m.Point.Timestamp, m.Point.Step))?.Point.Value;
        }

        return field switch
        {
            "name" => model => model.Name,
            "model_id" => model => model.Id,
            "model_type" => model => model.ModelType,
            "source_run_id" => model => model.SourceRunId,
            "status" => model => model.Status,
            "creation_timestamp" or "creation_time" or "creation_timestamp_ms" => model => model.CreationTime,
            "last_updated_timestamp" or "last_updated_timestamp_ms" => model => model.LastUpdateTime,
            _ => throw FakeException.Invalid(
                $"Invalid order by field name: {field}" + (dot >= 0 ? ". Only metrics are supported." : "")),
        };
    }

    /// <summary>What a token is bound to: all that decides which models come in which order.</summary>
    private static string Scope(Message request)
    {
        var orderBy = request.Many("order_by").Select(element => string.Join(
            '|',
            element.Text("field_name"),
            !element.Has("ascending") || element.Flag("ascending"),
            element.Text("dataset_name"),
            element.Text("dataset_digest")));
        return $"{string.Join(',', request.Texts("experiment_ids"))}\n{request.Text("filter")}\n{string.Join('\n', orderBy)}";
    }

    private static string WriteToken(string scope, int offset)
        => Convert.ToBase64String(Encoding.UTF8.GetBytes($"{{\"scope\": {PythonText.Json(scope)}, \"offset\": {offset}}}"));

    private static int ReadToken(string? token, string scope)
    {
        if (token is null)
        {
            return 0;
        }

        try
        {
            using var json = JsonDocument.Parse(Convert.FromBase64String(token));
            return json.RootElement.GetProperty("scope").GetString() == scope
                ? json.RootElement.GetProperty("offset").GetInt32()
                : throw FakeException.Invalid("The page token was made for another search.");
        }
        catch (Exception exception) when (exception is FormatException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw FakeException.Invalid($"Invalid page token: {token}.");
        }
    }
}
