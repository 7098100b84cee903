namespace ModelTrack.Client.Backends;

/// <summary>Which versions of a model are the latest of their stages.</summary>
internal static class LatestVersions
{
    /// <summary>One for each of the stages that has any, of all stages when none is named; sorted by version.</summary>
    public static List<ModelVersion> Of(IEnumerable<ModelVersion> versions, IReadOnlyCollection<ModelStage> stages)
        => [.. versions
            .Where(version => stages.Count == 0 || stages.Contains(version.Stage))
            .GroupBy(version => version.Stage)
            .Select(stage => stage.MaxBy(version => version.Version)!)
            .OrderBy(version => version.Version)];
}
