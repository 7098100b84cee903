namespace ModelTrack.Client;

/// <summary>
/// One record that was not stored, because the store refused it or the journal was full. What a store refused stands in the log and in a
/// file beside the journal as well.
/// </summary>
/// <param name="RunId">The run it was logged to; null when the run never got an id, and the reason says its name.</param>
/// <param name="Kind">What it was: <c>metric</c>, <c>param</c>, <c>tag</c>, <c>artifact</c>, <c>model</c>, <c>input</c> or <c>status</c>.</param>
/// <param name="Key">Its key or path; of an input the data set's name.</param>
/// <param name="Value">Its value as text; of an input the data set's digest.</param>
/// <param name="Reason">Why it was not stored.</param>
public sealed record Rejection(string? RunId, string Kind, string Key, string Value, string Reason);
