namespace ModelTrack.Client.Torture.Checking;

/// <summary>A run as a store has it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its name.</param>
/// <param name="Status">MLflow's word for it.</param>
/// <param name="ParentId">The id of its parent, or null.</param>
/// <param name="Points">The points of each metric in the store's order.</param>
/// <param name="Params">The params.</param>
/// <param name="Tags">The tags.</param>
/// <param name="Files">The artifacts by path.</param>
internal sealed record StoredRun(
    string Id,
    string Name,
    RunStatus Status,
    string? ParentId,
    IReadOnlyDictionary<string, IReadOnlyList<MetricPoint>> Points,
    IReadOnlyDictionary<string, string> Params,
    IReadOnlyDictionary<string, string> Tags,
    IReadOnlyDictionary<string, string> Files);
