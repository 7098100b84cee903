namespace ModelTrack.Client.Fakes;

/// <summary>A registered model as it is stored.</summary>
public sealed class FakeRegisteredModel
{
    private readonly OrderedDictionary<string, string> _tags = [];
    private readonly OrderedDictionary<string, string> _aliases = [];

    /// <summary>The name.</summary>
    public required string Name { get; set; }

    /// <summary>The description, or empty.</summary>
    public required string Description { get; set; }

    /// <summary>When it was created, in milliseconds.</summary>
    public required long CreationTime { get; init; }

    /// <summary>When it changed, in milliseconds.</summary>
    public required long LastUpdateTime { get; set; }

    /// <summary>The tags.</summary>
    public IReadOnlyDictionary<string, string> Tags => _tags;

    /// <summary>The aliases and the versions they stand for.</summary>
    public IReadOnlyDictionary<string, string> Aliases => _aliases;

    /// <summary>The versions, deleted ones included.</summary>
    public IReadOnlyList<FakeModelVersion> Versions => VersionStore;

    internal bool IsPrompt => _tags.GetValueOrDefault("mlflow.prompt.is_prompt", "").Equals("true", StringComparison.OrdinalIgnoreCase);

    internal OrderedDictionary<string, string> TagStore => _tags;

    internal OrderedDictionary<string, string> AliasStore => _aliases;

    internal List<FakeModelVersion> VersionStore { get; } = [];
}
