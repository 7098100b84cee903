namespace ModelTrack.Client.Backends.Rest;

internal sealed record WireRegisteredModel
{
    public string? Name { get; init; }

    public long CreationTimestamp { get; init; }

    public long LastUpdatedTimestamp { get; init; }

    public string? Description { get; init; }

    public List<WireModelVersion>? LatestVersions { get; init; }

    public List<WireTag>? Tags { get; init; }

    public List<WireAlias>? Aliases { get; init; }

    public RegisteredModel ToModel()
    {
        var aliases = new Dictionary<string, int>();
        foreach (var alias in Aliases ?? [])
        {
            aliases[alias.Alias] = alias.Version;
        }

        return new RegisteredModel
        {
            Name = Name ?? "",
            CreationTime = UnixTime.Of(CreationTimestamp),
            LastUpdateTime = UnixTime.Of(LastUpdatedTimestamp),
            Description = Description.OrNull(),
            Tags = WireTag.ToDictionary(Tags),
            Aliases = aliases,
            LatestVersions = [.. (LatestVersions ?? [])
                .Select(version => WithAliases(version.ToVersion(), aliases))
                .OrderBy(version => version.Version)],
        };
    }

    // Database servers leave them out here, though they say them of the model.
    private static ModelVersion WithAliases(ModelVersion version, Dictionary<string, int> aliases)
    {
        var own = aliases.Where(alias => alias.Value == version.Version).Select(alias => alias.Key);
        return version.Aliases.Count > 0 ? version : version with { Aliases = [.. own.Order(StringComparer.Ordinal)] };
    }
}
