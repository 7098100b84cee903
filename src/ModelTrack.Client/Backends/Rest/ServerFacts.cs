namespace ModelTrack.Client.Backends.Rest;

/// <param name="Version">For example <c>3.11.1</c>; null when it is not known.</param>
/// <param name="StoreType">As the server says; before 3.10 it does not.</param>
/// <param name="HasWorkspaces">The server keeps workspaces apart.</param>
internal sealed record ServerFacts(string? Version, StoreType StoreType, bool HasWorkspaces)
{
    public static readonly ServerFacts None = new(null, StoreType.Unknown, false);
}
