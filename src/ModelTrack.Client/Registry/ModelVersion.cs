using System.Text;

namespace ModelTrack.Client;

/// <summary>One version of a registered model, as it was when it was read.</summary>
public sealed record ModelVersion
{
    /// <summary>The registered model's name.</summary>
    public required string Name { get; init; }

    /// <summary>The version: 1 for the first. A deleted version's number is not given again.</summary>
    public required int Version { get; init; }

    /// <summary>When it was created, in UTC, to the millisecond.</summary>
    public DateTimeOffset CreationTime { get; init; }

    /// <summary>When it was last changed, in UTC, to the millisecond.</summary>
    public DateTimeOffset LastUpdateTime { get; init; }

    /// <summary>Its stage.</summary>
    public ModelStage Stage { get; init; }

    /// <summary>What it is, as Markdown; null when nobody said.</summary>
    public string? Description { get; init; }

    /// <summary>
    /// Where the model came from: the URI of its files, or <c>models:/m-…</c> for a logged model of MLflow 3. Where the files are now says
    /// <see cref="RegistryClient.GetDownloadUriAsync"/>.
    /// </summary>
    public string Source { get; init; } = "";

    /// <summary>The run that made it; null when none was named.</summary>
    public string? RunId { get; init; }

    /// <summary>The logged model of MLflow 3 that it is; null for others.</summary>
    public string? ModelId { get; init; }

    /// <summary>Whether it can be used.</summary>
    public ModelVersionStatus Status { get; init; } = ModelVersionStatus.Ready;

    /// <summary>What the registry says to the status; null when nothing.</summary>
    public string? StatusMessage { get; init; }

    /// <summary>
    /// Its tags. A version that this client is just creating on a server has a tag <c>modeltrack.request</c>, by which it is found when
    /// there is no answer.
    /// </summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    /// <summary>A link to the run, when it is on another server; null when none was given.</summary>
    public string? RunLink { get; init; }

    /// <summary>The aliases that stand for it, sorted. Some servers leave them out of search results.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    private bool PrintMembers(StringBuilder builder)
    {
        builder
            .Member(nameof(Name), Name)
            .Member(nameof(Version), Version)
            .Member(nameof(CreationTime), CreationTime)
            .Member(nameof(LastUpdateTime), LastUpdateTime)
            .Member(nameof(Stage), Stage)
            .Member(nameof(Description), Description)
            .Member(nameof(Source), Source)
            .Member(nameof(RunId), RunId)
            .Member(nameof(ModelId), ModelId)
            .Member(nameof(Status), Status)
            .Member(nameof(StatusMessage), StatusMessage)
            .Member(nameof(Tags), Tags)
            .Member(nameof(RunLink), RunLink)
            .Member(nameof(Aliases), Aliases);
        return true;
    }
}
