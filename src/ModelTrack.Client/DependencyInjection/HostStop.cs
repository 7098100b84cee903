namespace ModelTrack.Client;

/// <summary>When the host stops that a container belongs to, where there is one.</summary>
internal static class HostStop
{
    /// <summary>
    /// The token of <c>IHostApplicationLifetime.ApplicationStopping</c>. By its name: a program without a host should not carry the package of
    /// hosts for it, and one with a host has it. Both names are constants, so that trimming keeps what they name.
    /// </summary>
    public static CancellationToken TokenOf(IServiceProvider services)
    {
        var lifetime = Type.GetType(
            "Microsoft.Extensions.Hosting.IHostApplicationLifetime, Microsoft.Extensions.Hosting.Abstractions", throwOnError: false);
        return lifetime is not null
            && services.GetService(lifetime) is { } host
            && lifetime.GetProperty("ApplicationStopping")?.GetValue(host) is CancellationToken token
                ? token
                : CancellationToken.None;
    }
}
