using ModelTrack.Client.Backends;
using ModelTrack.Client.Backends.Rest;

namespace ModelTrack.Client;

/// <summary>One of the two stores of a sync.</summary>
/// <param name="Backend">The runs.</param>
/// <param name="LoggedModels">Their logged models.</param>
/// <param name="Models">Finds the files of models.</param>
/// <param name="Registry">Opens the registry.</param>
/// <param name="RegistryDestination">Where the registry is.</param>
internal sealed record SyncStore(
    ITrackingBackend Backend,
    ILoggedModels LoggedModels,
    ModelClient Models,
    Func<RegistryClient> Registry,
    Func<string> RegistryDestination)
{
    /// <summary>Whether the store keeps equal points once, and no infinities or negative zeros, as databases do; or nobody knows.</summary>
    public async ValueTask<bool> MergesPointsAsync(string experimentId, CancellationToken cancellationToken)
        => Backend is RestBackend server
            && await server.Features.FindTypeAsync(experimentId, cancellationToken).ConfigureAwait(false) != StoreType.Files;
}
