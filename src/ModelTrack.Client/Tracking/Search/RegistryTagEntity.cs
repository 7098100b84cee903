namespace ModelTrack.Client.Tracking.Search;

/// <summary>The tags of registered models and versions. There is no order by them.</summary>
internal static class RegistryTagEntity
{
    public static SearchEntity<T> Create<T>(Func<T, IReadOnlyDictionary<string, string>> read)
        => new(
            ["tags", "tag"],
            key => new TextColumn<T>(key, SearchOperators.Texts, item => read(item).GetValueOrDefault(key) ?? Missing(key)),
            sortable: false);

    // What is no prompt says so by having no such tag; MLflow's filters take it for 'false'.
    private static string? Missing(string key) => key == RegistryRules.PromptTag ? "false" : null;
}
