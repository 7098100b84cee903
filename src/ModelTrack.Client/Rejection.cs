namespace ModelTrack.Client;

/// <summary>One record that the store refused. It was not stored; it stays readable here, in the log and in the journal.</summary>
/// <param name="RunId">The run it was logged to; null when the run never got an id.</param>
/// <param name="Kind">What it was: <c>metric</c>, <c>param</c>, <c>tag</c>, <c>artifact</c>, <c>status</c>.</param>
/// <param name="Key">Its key or path.</param>
/// <param name="Value">Its value as text.</param>
/// <param name="Reason">Why the store refused it.</param>
public sealed record Rejection(string? RunId, string Kind, string Key, string Value, string Reason);
