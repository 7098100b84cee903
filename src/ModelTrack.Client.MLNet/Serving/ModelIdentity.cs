namespace ModelTrack.Client.MLNet;

/// <summary>What a URI meant when its model was loaded.</summary>
/// <param name="Uri">Without anything that can move.</param>
/// <param name="Location">Where the files are; null when only the cache was asked.</param>
/// <param name="ModelId">The logged model.</param>
internal sealed record ModelIdentity(string Uri, string? Location, string? ModelId)
{
    /// <summary>
    /// Whether it still means the same. The place is compared too: a model that was deleted and made anew counts from version 1 again, and a
    /// run may log a model twice.
    /// </summary>
    public bool IsOf(ResolvedModel resolved) => resolved.Uri == Uri
        && (Location is null ? resolved.Version is not null : resolved.Location == Location && resolved.ModelId == ModelId);
}
