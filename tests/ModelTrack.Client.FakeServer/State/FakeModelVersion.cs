namespace ModelTrack.Client.Fakes;

/// <summary>A version of a registered model as it is stored.</summary>
public sealed class FakeModelVersion
{
    private readonly OrderedDictionary<string, string> _tags = [];

    /// <summary>The registered model's name.</summary>
    public required string Name { get; set; }

    /// <summary>The number.</summary>
    public required int Version { get; init; }

    /// <summary>When it was created, in milliseconds.</summary>
    public required long CreationTime { get; init; }

    /// <summary>When it changed, in milliseconds.</summary>
    public required long LastUpdateTime { get; set; }

    /// <summary>The description, or null.</summary>
    public required string? Description { get; set; }

    /// <summary>The stage.</summary>
    public string Stage { get; internal set; } = "None";

    /// <summary>Where it came from, as given.</summary>
    public required string Source { get; init; }

    /// <summary>Where its files are.</summary>
    public required string StorageLocation { get; init; }

    /// <summary>The run it came from, or empty.</summary>
    public required string RunId { get; init; }

    /// <summary>A link to the run, or empty.</summary>
    public required string RunLink { get; init; }

    /// <summary>Whether it is deleted.</summary>
    public bool IsDeleted { get; internal set; }

    /// <summary>The tags.</summary>
    public IReadOnlyDictionary<string, string> Tags => _tags;

    internal OrderedDictionary<string, string> TagStore => _tags;
}
