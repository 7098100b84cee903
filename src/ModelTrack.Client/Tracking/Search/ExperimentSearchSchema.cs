namespace ModelTrack.Client.Tracking.Search;

/// <summary>
/// What can be searched of experiments. The entity <c>attributes</c> is taken as well as <c>attribute</c>, which alone MLflow takes here:
/// a filter for a server should use the latter, or none.
/// </summary>
internal static class ExperimentSearchSchema
{
    public static SearchSchema<Experiment> Instance { get; } = new()
    {
        Subject = "Experiments",
        Entities =
        [
            new(["attribute", "attributes"],
            [
                new TextColumn<Experiment>("name", SearchOperators.Texts, experiment => experiment.Name),
                new TextColumn<Experiment>("experiment_id", SearchOperators.None, experiment => experiment.Id),
                new NumberColumn<Experiment>("creation_time", experiment => experiment.CreationTime?.ToUnixTimeMilliseconds()),
                new NumberColumn<Experiment>("last_update_time", experiment => experiment.LastUpdateTime?.ToUnixTimeMilliseconds()),
            ]),
            new(
                ["tags", "tag"],
                key => new TextColumn<Experiment>(
                    key, SearchOperators.Texts | SearchOperators.NullTests, experiment => experiment.Tags.GetValueOrDefault(key)),
                sortable: false),
        ],
        DefaultOrder = ["creation_time DESC", "experiment_id ASC"],

        // Both of MLflow's stores break ties of a given order this way round.
        TieBreak = ["experiment_id DESC"],
    };
}
