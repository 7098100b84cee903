using System.Text.Json.Serialization;

namespace ModelTrack.Client.Backends.Rest.Wire;

internal sealed record WireExperiment(
    string ExperimentId,
    string? Name,
    string? ArtifactLocation,
    string? LifecycleStage,
    long? CreationTime,
    long? LastUpdateTime,
    IReadOnlyList<WirePair>? Tags) : IJsonOnDeserialized
{
    public void OnDeserialized() => Answers.RequireText(ExperimentId, "experiment_id");
}

internal sealed record CreateExperimentRequest(string Name, string? ArtifactLocation = null, IReadOnlyList<WirePair>? Tags = null);

internal sealed record CreateExperimentResponse(string? ExperimentId);

internal sealed record ExperimentResponse(WireExperiment? Experiment);

internal sealed record ExperimentIdRequest(string ExperimentId);

internal sealed record RenameExperimentRequest(string ExperimentId, string NewName);

/// <summary>A tag to set; or, without a value, to delete.</summary>
internal sealed record ExperimentTagRequest(string ExperimentId, string Key, string? Value = null);

/// <param name="MaxResults">1 to 50,000; absent means 0, which is refused.</param>
/// <param name="PageToken">The token of the page before.</param>
/// <param name="Filter">A filter.</param>
/// <param name="OrderBy">The elements of an order.</param>
/// <param name="ViewType">A name of MLflow's <c>ViewType</c>.</param>
internal sealed record SearchExperimentsRequest(
    int MaxResults, string? PageToken = null, string? Filter = null, IReadOnlyList<string>? OrderBy = null, string? ViewType = null);

internal sealed record SearchExperimentsResponse(IReadOnlyList<WireExperiment>? Experiments, string? NextPageToken);
