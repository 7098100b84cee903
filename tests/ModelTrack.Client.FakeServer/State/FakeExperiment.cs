namespace ModelTrack.Client.Fakes;

/// <summary>An experiment as it is stored.</summary>
public sealed class FakeExperiment
{
    private readonly OrderedDictionary<string, string> _tags = [];

    /// <summary>The id.</summary>
    public required string Id { get; init; }

    /// <summary>The name.</summary>
    public required string Name { get; set; }

    /// <summary>Where the artifacts of its runs go below.</summary>
    public required string ArtifactLocation { get; set; }

    /// <summary>Whether it is deleted.</summary>
    public bool IsDeleted { get; internal set; }

    /// <summary>When it was created, in milliseconds.</summary>
    public required long CreationTime { get; init; }

    /// <summary>When it was renamed, deleted or restored, in milliseconds.</summary>
    public required long LastUpdateTime { get; set; }

    /// <summary>The tags.</summary>
    public IReadOnlyDictionary<string, string> Tags => _tags;

    internal OrderedDictionary<string, string> TagStore => _tags;
}
