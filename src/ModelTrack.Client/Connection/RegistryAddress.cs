namespace ModelTrack.Client;

/// <summary>Where the model registry is, if it is not at the tracking URI.</summary>
internal static class RegistryAddress
{
    /// <summary>
    /// That of the options, else of the variable, without user info; null where it is the tracking URI's own. Whether it can be used is
    /// seen by who opens it: recording runs needs no registry.
    /// </summary>
    public static string? Of(TrackingUri tracking, TrackerOptions options, TrackingEnvironment environment)
    {
        if ((options.RegistryUri ?? environment.RegistryUri)?.Trim() is not { Length: > 0 } text)
        {
            return null;
        }

        try
        {
            var registry = TrackingUri.Parse(text).Destination;
            return registry == tracking.Destination ? null : registry;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            // The rest may hold a password.
            return UriScheme.Of(text) ?? (text.Contains('@') ? "unknown" : text);
        }
    }
}
