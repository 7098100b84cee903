using System.Text;

namespace ModelTrack.Client;

/// <summary>A name in the model registry under which versions are kept, as it was when it was read.</summary>
public sealed record RegisteredModel
{
    /// <summary>The name, unique in the registry.</summary>
    public required string Name { get; init; }

    /// <summary>When it was created, in UTC, to the millisecond.</summary>
    public DateTimeOffset CreationTime { get; init; }

    /// <summary>When it or one of its versions was last changed, in UTC, to the millisecond.</summary>
    public DateTimeOffset LastUpdateTime { get; init; }

    /// <summary>What it is, as Markdown; null when nobody said.</summary>
    public string? Description { get; init; }

    /// <summary>Its tags.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    /// <summary>The latest version in each stage that has any, by version.</summary>
    public IReadOnlyList<ModelVersion> LatestVersions { get; init; } = [];

    /// <summary>The version that each alias stands for. Some servers leave them out of search results.</summary>
    public IReadOnlyDictionary<string, int> Aliases { get; init; } = new Dictionary<string, int>();

    private bool PrintMembers(StringBuilder builder)
    {
        builder
            .Member(nameof(Name), Name)
            .Member(nameof(CreationTime), CreationTime)
            .Member(nameof(LastUpdateTime), LastUpdateTime)
            .Member(nameof(Description), Description)
            .Member(nameof(Tags), Tags)
            .Member(nameof(LatestVersions), LatestVersions)
            .Member(nameof(Aliases), Aliases);
        return true;
    }
}
