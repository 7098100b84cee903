namespace ModelTrack.Client;

/// <summary>Marks a request that goes to the server itself, so that only it meets the server's certificates and shows ours.</summary>
internal static class OwnOrigin
{
    private static readonly HttpRequestOptionsKey<bool> Key = new("ModelTrack.Client.OwnOrigin");

    public static void Mark(HttpRequestMessage request) => request.Options.Set(Key, true);

    public static bool IsMarked(HttpRequestMessage request) => request.Options.TryGetValue(Key, out var isOwn) && isOwn;
}
