using ModelTrack.Client.Tracking.Search;

namespace ModelTrack.Client.Backends.Files.Search;

/// <summary>A run that a search has found: where it is and what it is sorted by, so that 100,000 of them are no burden.</summary>
/// <param name="Folder">The run's folder.</param>
/// <param name="Keys">What it is sorted by.</param>
/// <param name="Run">The run where the cache has it or little of it is wanted; else null, and a page reads it.</param>
internal readonly record struct RunHit(string Folder, SortKey[] Keys, RunSnapshot? Run);
