using ModelTrack.Client.Tracking.Search;

namespace ModelTrack.Client.Tests.Tracking.Search;

internal sealed class RegistrySearchTests
{
    private static readonly RegisteredModel[] Models =
    [
        Model("b", 3, 3, ("team", "x")),
        Model("a", 1, 4),
        Model("prompt", 2, 2, ("mlflow.prompt.is_prompt", "true")),
        Model("no prompt", 4, 1, ("mlflow.prompt.is_prompt", "false")),
    ];

    private static readonly ModelVersion[] Versions =
    [
        Version("b", 1, 5, "run1"),
        Version("a", 2, 5, "run2"),
        Version("a", 10, 5, null),
        Version("c", 1, 9, "run1"),
    ];

    [TestCase(null, "a,b,no prompt")]
    [TestCase("", "a,b,no prompt")]
    [TestCase("name != 'a'", "b,no prompt")]
    [TestCase("name LIKE '%o%'", "no prompt")]
    [TestCase("name ILIKE 'B'", "b")]
    [TestCase("attribute.name = 'a' AND attributes.name = 'a'", "a")]
    [TestCase("tags.team = 'x'", "b")]
    [TestCase("tag.team != 'y'", "b")]
    [TestCase("tags.`mlflow.prompt.is_prompt` = 'true'", "prompt")]
    [TestCase("tags.`mlflow.prompt.is_prompt` = 'false'", "a,b,no prompt")]
    [TestCase("tags.`mlflow.prompt.is_prompt` != 'true' AND name LIKE '%b%'", "b")]
    public void Models_are_filtered_as_in_MLflow(string? filter, string names)
        => Assert.That(Search(RegisteredModelSearchSchema.Instance, Models, filter).Select(m => m.Name), Is.EqualTo(names.Split(',')));

    [TestCase("name DESC", "no prompt,b,a")]
    [TestCase("last_updated_timestamp", "no prompt,b,a")]
    [TestCase("creation_timestamp DESC", "no prompt,b,a")]
    [TestCase("timestamp ASC", "a,b,no prompt")]
    public void Models_are_ordered_as_in_MLflow(string order, string names)
        => Assert.That(
            Search(RegisteredModelSearchSchema.Instance, Models, null, order).Select(m => m.Name), Is.EqualTo(names.Split(',')));

    [TestCase(null, "c1,a10,a2,b1")]
    [TestCase("name = 'a'", "a10,a2")]
    [TestCase("version_number > 1", "a10,a2")]
    [TestCase("version_number = 10", "a10")]
    [TestCase("run_id = 'run1'", "c1,b1")]
    [TestCase("run_id IN ('run1', 'run2')", "c1,a2,b1")]
    [TestCase("run_id != 'run1'", "a2")]
    [TestCase("source_path LIKE 's3://a/%'", "a10,a2")]
    public void Versions_are_filtered_as_in_MLflow(string? filter, string names)
        => Assert.That(
            Search(ModelVersionSearchSchema.Instance, Versions, filter).Select(v => v.Name + v.Version), Is.EqualTo(names.Split(',')));

    [TestCase("version_number", "b1,c1,a2,a10")]
    [TestCase("creation_timestamp DESC", "c1,a10,a2,b1")]
    [TestCase("name", "a10,a2,b1,c1")]
    public void Versions_are_ordered_as_in_MLflow(string order, string names)
        => Assert.That(
            Search(ModelVersionSearchSchema.Instance, Versions, null, order).Select(v => v.Name + v.Version), Is.EqualTo(names.Split(',')));

    [TestCase("status = 'READY'")]
    [TestCase("current_stage = 'Production'")]
    [TestCase("creation_timestamp > 1")]
    [TestCase("run_id NOT IN ('a')")]
    [TestCase("name IN ('a')")]
    [TestCase("version_number = '1'")]
    [TestCase("tags.a IS NULL")]
    [TestCase("metrics.a > 1")]
    [TestCase("name = 'a' OR name = 'b'")]
    public void What_MLflow_cannot_filter_versions_by_is_refused(string filter)
        => Assert.That(
            Assert.Throws<ArgumentException>(() => RegistrySearch<ModelVersion>.Parse(ModelVersionSearchSchema.Instance, filter, []))!.ParamName,
            Is.EqualTo("filter"));

    [TestCase("run_id = 'a'")]
    [TestCase("creation_timestamp = 1")]
    [TestCase("name = 'a' AND")]
    public void What_MLflow_cannot_filter_models_by_is_refused(string filter)
        => Assert.Throws<ArgumentException>(() => RegistrySearch<RegisteredModel>.Parse(RegisteredModelSearchSchema.Instance, filter, []));

    [TestCase("tags.a")]
    [TestCase("status")]
    public void What_MLflow_cannot_order_by_is_refused(string order)
        => Assert.Throws<ArgumentException>(() => RegistrySearch<ModelVersion>.Parse(ModelVersionSearchSchema.Instance, null, [order]));

    private static List<T> Search<T>(SearchSchema<T> schema, T[] items, string? filter, params string[] order)
    {
        var search = RegistrySearch<T>.Parse(schema, filter, order);
        var hits = items.Where(search.Matches).ToList();
        search.Sort(hits);
        return hits;
    }

    private static RegisteredModel Model(string name, int created, int updated, params (string Key, string Value)[] tags) => new()
    {
        Name = name,
        CreationTime = DateTimeOffset.FromUnixTimeSeconds(created),
        LastUpdateTime = DateTimeOffset.FromUnixTimeSeconds(updated),
        Tags = tags.ToDictionary(tag => tag.Key, tag => tag.Value),
    };

    private static ModelVersion Version(string name, int version, int updated, string? runId) => new()
    {
        Name = name,
        Version = version,
        Source = $"s3://{name}/{version}",
        RunId = runId,
        CreationTime = DateTimeOffset.FromUnixTimeSeconds(updated),
        LastUpdateTime = DateTimeOffset.FromUnixTimeSeconds(updated),
    };
}
