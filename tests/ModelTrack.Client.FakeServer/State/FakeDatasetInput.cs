namespace ModelTrack.Client.Fakes;

/// <summary>A data set that a run used.</summary>
/// <param name="Dataset">The data set.</param>
/// <param name="Tags">Tags of the use.</param>
public sealed record FakeDatasetInput(FakeDataset Dataset, IReadOnlyList<KeyValuePair<string, string>> Tags);
