namespace ModelTrack.Client;

/// <summary>One page of a search.</summary>
/// <typeparam name="T">What was searched for.</typeparam>
/// <param name="Items">The hits of this page, in order.</param>
/// <param name="NextPageToken">What to pass to get the next page of the same search; null when this was the last.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? NextPageToken);
