namespace ModelTrack.Client.Fakes;

/// <summary>A logged model that a run produced.</summary>
/// <param name="ModelId">The model's id.</param>
/// <param name="Step">The step.</param>
public sealed record FakeModelOutput(string ModelId, long Step);
