using System.Text.Json.Serialization;

namespace ModelTrack.Client.Backends.Rest.Wire;

internal sealed record WireRunInputs(IReadOnlyList<WireDatasetInput>? DatasetInputs, IReadOnlyList<WireModelInput>? ModelInputs);

internal sealed record WireRunOutputs(IReadOnlyList<WireModelOutput>? ModelOutputs);

internal sealed record WireDatasetInput(IReadOnlyList<WirePair>? Tags, WireDataset? Dataset);

internal sealed record WireDataset(
    string? Name, string? Digest, string? SourceType, string? Source, string? Schema = null, string? Profile = null);

internal sealed record WireModelInput(string ModelId) : IJsonOnDeserialized
{
    public void OnDeserialized() => Answers.RequireText(ModelId, "model_id");
}

internal sealed record WireModelOutput(string ModelId, long Step) : IJsonOnDeserialized
{
    public void OnDeserialized() => Answers.RequireText(ModelId, "model_id");
}

internal sealed record LogInputsRequest(
    string RunId, IReadOnlyList<WireDatasetInput>? Datasets = null, IReadOnlyList<WireModelInput>? Models = null);

internal sealed record LogOutputsRequest(string RunId, IReadOnlyList<WireModelOutput> Models);
