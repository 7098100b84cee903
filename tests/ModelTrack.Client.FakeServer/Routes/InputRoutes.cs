using System.Text.Json;
using ModelTrack.Client.Fakes.Wire;

namespace ModelTrack.Client.Fakes.Routes;

/// <summary>Data sets and models that runs used or made.</summary>
internal static class InputRoutes
{
    private const string ContextTag = "mlflow.data.context";

    private static readonly MessageType Dataset = new(
        Field.Text("name"),
        Field.Text("digest"),
        Field.Text("source_type"),
        Field.Text("source"),
        Field.Text("schema"),
        Field.Text("profile"));

    private static readonly MessageType DatasetInput = new(Field.Many("tags", Pairs.Type), Field.One("dataset", Dataset));

    private static readonly MessageType Model = new(Field.Text("model_id"), Field.Integer("step"));

    private static readonly MessageType LogInputs = new(
        Field.Text("run_id", Check.Required, Check.Text),
        Field.Many("datasets", DatasetInput, Check.List),
        Field.Many("models", Model, Check.List));

    private static readonly MessageType LogOutputs = new(
        Field.Text("run_id", Check.Required, Check.Text),
        Field.Many("models", Model, Check.Required, Check.List));

    private static readonly MessageType SearchDatasets = new(Field.Texts("experiment_ids"));

    public static void AddTo(Router router)
    {
        router.Api("POST", "/runs/log-inputs", OnLogInputs, since: "2.4");
        router.Api("POST", "/runs/outputs", OnLogOutputs, since: "3.0");
        router.Add("POST", "/ajax-api/2.0/mlflow/experiments/search-datasets", OnSearchDatasets, since: "2.4");
    }

    public static void WriteInputs(Utf8JsonWriter json, FakeRun run)
    {
        json.WriteList("dataset_inputs", run.DatasetInputs, (w, input) =>
        {
            w.WritePairs("tags", input.Tags);
            w.WriteObject("dataset", d =>
            {
                d.WriteString("name", input.Dataset.Name);
                d.WriteString("digest", input.Dataset.Digest);
                d.WriteString("source_type", input.Dataset.SourceType);
                d.WriteString("source", input.Dataset.Source);
                d.WriteOptional("schema", input.Dataset.Schema);
                d.WriteOptional("profile", input.Dataset.Profile);
            });
        });
        json.WriteList("model_inputs", run.ModelInputs, (w, id) => w.WriteString("model_id", id));
    }

    public static void WriteOutputs(Utf8JsonWriter json, FakeRun run)
        => json.WriteList("model_outputs", run.ModelOutputs, (w, output) =>
        {
            w.WriteString("model_id", output.ModelId);
            w.WriteNumber("step", output.Step);
        });

    private static FakeAnswer OnLogInputs(Call call)
    {
        var request = call.Read(LogInputs);
        var id = request.Text("run_id");
        Names.CheckRunId(id);
        var inputs = request.Many("datasets").Select(Read).ToList();
        if (call.IsSql)
        {
            inputs.ForEach(CheckSizes);
        }

        var run = RunRoutes.FindActive(call, id);
        foreach (var input in inputs.DistinctBy(input => (input.Dataset.Name, input.Dataset.Digest)))
        {
            var key = (run.ExperimentId, input.Dataset.Name, input.Dataset.Digest);
            call.State.Datasets.TryAdd(key, input.Dataset);
            var dataset = call.State.Datasets[key];
            if (!run.DatasetInputStore.Exists(known => known.Dataset == dataset))
            {
                run.DatasetInputStore.Add(input with { Dataset = dataset });
            }
        }

        foreach (var model in call.Version.AtLeast(3, 0) ? request.Many("models").Select(m => m.Text("model_id")) : [])
        {
            if (call.IsSql && run.ModelInputStore.Contains(model))
            {
                throw FakeException.Database(
                    "UNIQUE constraint failed: inputs.source_type, inputs.source_id, inputs.destination_type, inputs.destination_id");
            }

            if (!run.ModelInputStore.Contains(model))
            {
                run.ModelInputStore.Add(model);
            }
        }

        return Json.Empty;
    }

    private static FakeAnswer OnLogOutputs(Call call)
    {
        var request = call.Read(LogOutputs);
        var run = RunRoutes.FindActive(call, request.Text("run_id"));
        var outputs = request.Many("models").Select(m => new FakeModelOutput(m.Text("model_id"), m.Integer("step"))).ToList();
        var known = run.ModelOutputStore.Select(output => output.ModelId).ToHashSet(StringComparer.Ordinal);
        if (call.IsSql && outputs.Exists(output => !known.Add(output.ModelId)))
        {
            throw FakeException.Database(
                "UNIQUE constraint failed: inputs.source_type, inputs.source_id, inputs.destination_type, inputs.destination_id");
        }

        run.ModelOutputStore.AddRange(call.IsSql ? outputs : outputs.Where(output => known.Add(output.ModelId)));
        return Json.Empty;
    }

    private static FakeAnswer OnSearchDatasets(Call call)
    {
        var ids = call.Read(SearchDatasets).Texts("experiment_ids");
        if (ids.Count is 0 or > 20)
        {
            throw FakeException.Invalid(ids.Count == 0
                ? "SearchDatasets request must specify at least one experiment_id."
                : $"SearchDatasets request cannot specify more than 20 experiment_ids. Received {ids.Count} experiment_ids.");
        }

        var found = call.State.RunStore.Values.Where(run => ids.Contains(run.ExperimentId) && !run.IsDeleted)
            .SelectMany(run => run.DatasetInputs.Select(input => (
                run.ExperimentId,
                input.Dataset.Name,
                input.Dataset.Digest,
                Context: input.Tags.FirstOrDefault(tag => tag.Key == ContextTag).Value)))
            .Distinct()
            .Take(1000);
        return Json.Answer(json => json.WriteList("dataset_summaries", found, (w, dataset) =>
        {
            w.WriteString("experiment_id", dataset.ExperimentId);
            w.WriteString("name", dataset.Name);
            w.WriteString("digest", dataset.Digest);
            w.WriteOptional("context", dataset.Context);
        }));
    }

    private static FakeDatasetInput Read(Message input)
    {
        var dataset = input.One("dataset") ?? new Message(Dataset);
        return new(
            new FakeDataset(
                dataset.Text("name"),
                dataset.Text("digest"),
                dataset.Text("source_type"),
                dataset.Text("source"),
                dataset.Has("schema") ? dataset.Text("schema") : null,
                dataset.Has("profile") ? dataset.Text("profile") : null),
            Pairs.Of(input.Many("tags")));
    }

    private static void CheckSizes(FakeDatasetInput input)
    {
        Names.CheckLength("name", 500, input.Dataset.Name);
        Names.CheckLength("digest", 36, input.Dataset.Digest);
        Names.CheckLength("source", 65535, input.Dataset.Source);
        Names.CheckLength("schema", 1048575, input.Dataset.Schema ?? "");
        Names.CheckLength("profile", 16777215, input.Dataset.Profile ?? "");
        foreach (var (key, value) in input.Tags)
        {
            Names.CheckLength("key", 255, key);
            Names.CheckLength("value", 500, value);
        }
    }
}
