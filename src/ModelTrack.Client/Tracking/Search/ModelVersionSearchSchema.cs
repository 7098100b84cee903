namespace ModelTrack.Client.Tracking.Search;

/// <summary>What can be searched of model versions. Stage, status, aliases and times cannot be filtered by, as in MLflow.</summary>
internal static class ModelVersionSearchSchema
{
    public static SearchSchema<ModelVersion> Instance { get; } = new()
    {
        Subject = "Model versions",
        Entities =
        [
            new(["attribute", "attributes"],
            [
                new TextColumn<ModelVersion>("name", SearchOperators.Texts, version => version.Name),
                new NumberColumn<ModelVersion>("version_number", version => version.Version),
                new TextColumn<ModelVersion>("run_id", SearchOperators.Texts | SearchOperators.In, version => version.RunId),
                new TextColumn<ModelVersion>("source_path", SearchOperators.Texts, version => version.Source),
                Time("creation_timestamp", version => version.CreationTime),
                Time("last_updated_timestamp", version => version.LastUpdateTime),
            ]),
            RegistryTagEntity.Create<ModelVersion>(version => version.Tags),
        ],
        DefaultOrder = ["last_updated_timestamp DESC", "name ASC", "version_number DESC"],
        TieBreak = ["name ASC", "version_number DESC"],
    };

    private static NumberColumn<ModelVersion> Time(string name, Func<ModelVersion, DateTimeOffset> read)
        => new(name, version => read(version).ToUnixTimeMilliseconds(), SearchOperators.None);
}
