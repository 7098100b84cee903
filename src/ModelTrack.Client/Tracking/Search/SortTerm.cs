namespace ModelTrack.Client.Tracking.Search;

/// <summary>One level of an order.</summary>
/// <typeparam name="T">What is searched for.</typeparam>
/// <param name="Column">What to sort by.</param>
/// <param name="Ascending">The direction.</param>
internal readonly record struct SortTerm<T>(SearchColumn<T> Column, bool Ascending);
