namespace ModelTrack.Client.Backends.Rest.Wire;

/// <param name="StoreType"><c>SqlStore</c>, <c>FileStore</c>, or null for another.</param>
/// <param name="WorkspacesEnabled">The server keeps workspaces apart.</param>
internal sealed record ServerInfoResponse(string? StoreType, bool? WorkspacesEnabled);
