namespace ModelTrack.Client.Tracking.Search;

/// <summary>
/// What can be searched of registered models. The time of creation has two names, since MLflow's database store knows one of them and its
/// folder store the other.
/// </summary>
internal static class RegisteredModelSearchSchema
{
    public static SearchSchema<RegisteredModel> Instance { get; } = new()
    {
        Subject = "Registered models",
        Entities =
        [
            new SearchEntity<RegisteredModel>(
                ["attribute", "attributes"],
                [
                    new TextColumn<RegisteredModel>("name", SearchOperators.Texts, model => model.Name),
                    Time("creation_timestamp", model => model.CreationTime),
                    Time("last_updated_timestamp", model => model.LastUpdateTime),
                ])
                .WithAliases("creation_timestamp", ["timestamp"], sortable: true),
            RegistryTagEntity.Create<RegisteredModel>(model => model.Tags),
        ],
        DefaultOrder = ["name ASC"],
        TieBreak = ["name ASC"],
    };

    private static NumberColumn<RegisteredModel> Time(string name, Func<RegisteredModel, DateTimeOffset> read)
        => new(name, model => read(model).ToUnixTimeMilliseconds(), SearchOperators.None);
}
