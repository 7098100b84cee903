namespace ModelTrack.Client;

/// <summary>Where credentials may go: to the origin they are for, and to no other port, which may be another's program.</summary>
internal static class Origin
{
    /// <summary>
    /// Whether an address is of the same scheme, host and port; or the same server behind a better door, which is http's port 80 become
    /// https' port 443, or one port that was given and now speaks https.
    /// </summary>
    public static bool IsSameOrBetter(Uri origin, Uri? uri)
        => uri is { IsAbsoluteUri: true }
        && string.Equals(uri.IdnHost, origin.IdnHost, StringComparison.OrdinalIgnoreCase)
        && (uri.Scheme == origin.Scheme ? uri.Port == origin.Port : IsBetter(origin, uri));

    private static bool IsBetter(Uri origin, Uri uri)
        => origin.Scheme == Uri.UriSchemeHttp
        && uri.Scheme == Uri.UriSchemeHttps
        && (origin.IsDefaultPort ? uri.IsDefaultPort : uri.Port == origin.Port);
}
