namespace ModelTrack.Client.Backends.Rest;

internal sealed record WireAlias(string Alias, int Version);
