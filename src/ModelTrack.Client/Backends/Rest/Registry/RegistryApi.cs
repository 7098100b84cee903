using System.Globalization;
using System.Text.Json.Serialization.Metadata;

namespace ModelTrack.Client.Backends.Rest;

/// <summary>
/// Every call of MLflow's registry, with typed parameters: what goes over the wire and nothing else. Calls that a server must not carry
/// out twice are sent once.
/// </summary>
internal sealed class RegistryApi(RestSender sender)
{
    private const string Models = "api/2.0/mlflow/registered-models/";
    private const string Versions = "api/2.0/mlflow/model-versions/";

    public Task<RegisteredModel> CreateModelAsync(
        string name, string? description, IReadOnlyDictionary<string, string> tags, CancellationToken cancellationToken)
        => ModelAsync(
            HttpMethod.Post,
            "create",
            new WireModelRequest { Name = name, Description = description, Tags = WireTag.From(tags) },
            mayRepeat: false,
            cancellationToken);

    public async Task<RegisteredModel> GetModelAsync(string name, CancellationToken cancellationToken)
        => ToModel(await sender.GetAsync(Models + "get", [("name", name)], RegistryJson.Default.WireModelAnswer, cancellationToken)
            .ConfigureAwait(false));

    public Task<RegisteredModel> RenameModelAsync(string name, string newName, CancellationToken cancellationToken)
        => ModelAsync(
            HttpMethod.Post, "rename", new WireModelRequest { Name = name, NewName = newName }, mayRepeat: false, cancellationToken);

    /// <summary>Always with a description: a server takes one that is missing for none.</summary>
    public Task<RegisteredModel> UpdateModelAsync(string name, string description, CancellationToken cancellationToken)
        => ModelAsync(
            HttpMethod.Patch,
            "update",
            new WireModelRequest { Name = name, Description = description },
            mayRepeat: true,
            cancellationToken);

    public Task DeleteModelAsync(string name, CancellationToken cancellationToken)
        => DoAsync(HttpMethod.Delete, "delete", new WireModelRequest { Name = name }, cancellationToken, mayRepeat: false);

    public async Task<Page<RegisteredModel>> SearchModelsAsync(RegistryQuery query, string? pageToken, CancellationToken cancellationToken)
    {
        var parameters = Parameters(query, pageToken);
        var page = await sender
            .GetAsync(Models + "search", parameters, RegistryJson.Default.WireModelPage, cancellationToken)
            .ConfigureAwait(false);
        return new Page<RegisteredModel>([.. (page.RegisteredModels ?? []).Select(model => model.ToModel())], page.NextPageToken.OrNull());
    }

    public Task SetModelTagAsync(string name, string key, string value, CancellationToken cancellationToken)
        => DoAsync(HttpMethod.Post, "set-tag", new WireModelRequest { Name = name, Key = key, Value = value }, cancellationToken);

    public Task DeleteModelTagAsync(string name, string key, CancellationToken cancellationToken)
        => DoAsync(HttpMethod.Delete, "delete-tag", new WireModelRequest { Name = name, Key = key }, cancellationToken);

    public async Task<IReadOnlyList<ModelVersion>> GetLatestVersionsAsync(
        string name, IReadOnlyCollection<ModelStage> stages, CancellationToken cancellationToken)
    {
        IEnumerable<(string, string?)> parameters = [("name", name), .. stages.Select(stage => ("stages", (string?)stage.ToString()))];
        var answer = await sender
            .GetAsync(Models + "get-latest-versions", parameters, RegistryJson.Default.WireVersionPage, cancellationToken)
            .ConfigureAwait(false);
        return [.. (answer.ModelVersions ?? []).Select(version => version.ToVersion()).OrderBy(version => version.Version)];
    }

    public Task SetAliasAsync(string name, string alias, int version, CancellationToken cancellationToken)
        => DoAsync(
            HttpMethod.Post, "alias", new WireModelRequest { Name = name, Alias = alias, Version = Text(version) }, cancellationToken);

    public Task<ModelVersion> GetVersionByAliasAsync(string name, string alias, CancellationToken cancellationToken)
        => GetVersionAsync(Models + "alias", [("name", name), ("alias", alias)], cancellationToken);

    public Task DeleteAliasAsync(string name, string alias, CancellationToken cancellationToken)
        => DoAsync(HttpMethod.Delete, "alias", new WireModelRequest { Name = name, Alias = alias }, cancellationToken);

    public async Task<ModelVersion> CreateVersionAsync(VersionCreation creation, CancellationToken cancellationToken)
    {
        var body = new WireCreateVersion
        {
            Name = creation.Name,
            Source = creation.Source,
            RunId = creation.RunId,
            Description = creation.Description,
            RunLink = creation.RunLink,
            ModelId = creation.ModelId,
            Tags = WireTag.From(creation.Tags),
        };
        var answer = await sender.SendAsync(
            HttpMethod.Post,
            Versions + "create",
            body,
            RegistryJson.Default.WireCreateVersion,
            RegistryJson.Default.WireVersionAnswer,
            cancellationToken,
            mayRepeat: false).ConfigureAwait(false);
        return ToVersion(answer);
    }

    public Task<ModelVersion> GetVersionAsync(string name, int version, CancellationToken cancellationToken)
        => GetVersionAsync(Versions + "get", Parameters(name, version), cancellationToken);

    public Task<ModelVersion> UpdateVersionAsync(string name, int version, string description, CancellationToken cancellationToken)
        => VersionAsync(
            HttpMethod.Patch,
            "update",
            new WireVersionRequest { Name = name, Version = Text(version), Description = description },
            cancellationToken);

    public Task DeleteVersionAsync(string name, int version, CancellationToken cancellationToken)
        => DoAsync(
            HttpMethod.Delete,
            "delete",
            new WireVersionRequest { Name = name, Version = Text(version) },
            cancellationToken,
            mayRepeat: false);

    /// <summary>Always says whether to archive: some servers want to be told.</summary>
    public Task<ModelVersion> SetStageAsync(
        string name, int version, ModelStage stage, bool archiveExisting, CancellationToken cancellationToken)
        => VersionAsync(
            HttpMethod.Post,
            "transition-stage",
            new WireVersionRequest
            {
                Name = name,
                Version = Text(version),
                Stage = stage.ToString(),
                ArchiveExistingVersions = archiveExisting,
            },
            cancellationToken);

    public async Task<string> GetDownloadUriAsync(string name, int version, CancellationToken cancellationToken)
    {
        var parameters = Parameters(name, version);
        var answer = await sender
            .GetAsync(Versions + "get-download-uri", parameters, RegistryJson.Default.WireDownloadUri, cancellationToken)
            .ConfigureAwait(false);
        return answer.ArtifactUri ?? "";
    }

    public async Task<Page<ModelVersion>> SearchVersionsAsync(RegistryQuery query, string? pageToken, CancellationToken cancellationToken)
    {
        var parameters = Parameters(query, pageToken);
        var page = await sender
            .GetAsync(Versions + "search", parameters, RegistryJson.Default.WireVersionPage, cancellationToken)
            .ConfigureAwait(false);
        return new Page<ModelVersion>([.. (page.ModelVersions ?? []).Select(version => version.ToVersion())], page.NextPageToken.OrNull());
    }

    public Task SetVersionTagAsync(string name, int version, string key, string value, CancellationToken cancellationToken)
        => DoAsync(
            HttpMethod.Post,
            "set-tag",
            new WireVersionRequest { Name = name, Version = Text(version), Key = key, Value = value },
            cancellationToken);

    public Task DeleteVersionTagAsync(string name, int version, string key, CancellationToken cancellationToken)
        => DoAsync(
            HttpMethod.Delete,
            "delete-tag",
            new WireVersionRequest { Name = name, Version = Text(version), Key = key },
            cancellationToken);

    private static string Text(int version) => version.ToString(CultureInfo.InvariantCulture);

    private static IEnumerable<(string, string?)> Parameters(string name, int version) => [("name", name), ("version", Text(version))];

    private static IEnumerable<(string, string?)> Parameters(RegistryQuery query, string? pageToken) =>
    [
        ("filter", query.Filter.OrNull()),
        ("max_results", query.PageSize.ToString(CultureInfo.InvariantCulture)),
        .. query.OrderBy.Select(element => ("order_by", (string?)element)),
        ("page_token", pageToken),
    ];

    private async Task<RegisteredModel> ModelAsync(
        HttpMethod method, string call, WireModelRequest body, bool mayRepeat, CancellationToken cancellationToken)
        => ToModel(await sender.SendAsync(
            method,
            Models + call,
            body,
            RegistryJson.Default.WireModelRequest,
            RegistryJson.Default.WireModelAnswer,
            cancellationToken,
            mayRepeat).ConfigureAwait(false));

    private async Task<ModelVersion> VersionAsync(
        HttpMethod method, string call, WireVersionRequest body, CancellationToken cancellationToken)
        => ToVersion(await sender.SendAsync(
            method,
            Versions + call,
            body,
            RegistryJson.Default.WireVersionRequest,
            RegistryJson.Default.WireVersionAnswer,
            cancellationToken).ConfigureAwait(false));

    private async Task<ModelVersion> GetVersionAsync(
        string route, IEnumerable<(string, string?)> parameters, CancellationToken cancellationToken)
        => ToVersion(await sender
            .GetAsync(route, parameters, RegistryJson.Default.WireVersionAnswer, cancellationToken)
            .ConfigureAwait(false));

    private Task<WireNothing> DoAsync(
        HttpMethod method, string call, WireModelRequest body, CancellationToken cancellationToken, bool mayRepeat = true)
        => DoAsync(method, Models + call, body, RegistryJson.Default.WireModelRequest, mayRepeat, cancellationToken);

    private Task<WireNothing> DoAsync(
        HttpMethod method, string call, WireVersionRequest body, CancellationToken cancellationToken, bool mayRepeat = true)
        => DoAsync(method, Versions + call, body, RegistryJson.Default.WireVersionRequest, mayRepeat, cancellationToken);

    private Task<WireNothing> DoAsync<T>(
        HttpMethod method, string route, T body, JsonTypeInfo<T> typeInfo, bool mayRepeat, CancellationToken cancellationToken)
        => sender.SendAsync(method, route, body, typeInfo, RegistryJson.Default.WireNothing, cancellationToken, mayRepeat);

    // A server that answers well and says nothing has done something else than was asked of it.
    private static RegisteredModel ToModel(WireModelAnswer answer)
        => answer.RegisteredModel?.ToModel() ?? throw NoAnswer("registered_model");

    private static ModelVersion ToVersion(WireVersionAnswer answer) => answer.ModelVersion?.ToVersion() ?? throw NoAnswer("model_version");

    private static ModelTrackException NoAnswer(string field)
        => new(ErrorCode.InternalError, $"The server's answer has no {field}: what answers is perhaps no MLflow server.")
        {
            MayBeApplied = true,
        };
}
