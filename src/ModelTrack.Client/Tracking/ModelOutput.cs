namespace ModelTrack.Client;

/// <summary>A logged model that a run produced (MLflow 3's <c>runs/outputs</c>).</summary>
/// <param name="ModelId">The model's id, <c>m-</c> and 32 hexadecimal digits.</param>
/// <param name="Step">The step at which it was logged.</param>
public sealed record ModelOutput(string ModelId, long Step);
