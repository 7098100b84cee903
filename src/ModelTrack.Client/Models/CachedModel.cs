namespace ModelTrack.Client;

/// <summary>What the cache knows of a URI: which model it meant when it was last asked for, and which entry has it.</summary>
/// <param name="Store">The tracking store and the registry that were asked.</param>
/// <param name="AskedUri">The URI.</param>
/// <param name="Entry">The name of the cache's entry.</param>
/// <param name="Model">What the URI meant.</param>
internal sealed record CachedModel(string Store, string AskedUri, string Entry, ResolvedModel Model);
