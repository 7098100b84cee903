using ModelTrack.Client.Backends;
using ModelTrack.Client.Backends.Files;

namespace ModelTrack.Client;

/// <summary>Finds the model that a URI names, and its files.</summary>
/// <param name="backend">The runs.</param>
/// <param name="loggedModels">The logged models of the same store.</param>
/// <param name="registry">The registry, which need not be the same store.</param>
/// <param name="findRepository">What speaks to an artifact location; null: nothing does.</param>
internal sealed class ModelLocator(
    ITrackingBackend backend, ILoggedModels loggedModels, Func<RegistryClient> registry, Func<string, IArtifactRepository?> findRepository)
{
    /// <exception cref="ArgumentException">It is no URI of a model.</exception>
    /// <exception cref="ModelTrackException">What it names does not exist, or is not ready.</exception>
    public async ValueTask<ResolvedModel> ResolveAsync(string uri, CancellationToken cancellationToken)
    {
        switch (UriScheme.Of(uri))
        {
            case ModelsUri.Scheme:
                var model = ModelsUri.Parse(uri, out var subPath);
                return model.ModelId is { } modelId
                    ? OfLogged(await FindLoggedAsync(modelId, cancellationToken).ConfigureAwait(false), subPath)
                    : await OfVersionAsync(model, subPath, cancellationToken).ConfigureAwait(false);
            case RunsUri.Scheme:
                return (await OfRunAsync(RunsUri.Parse(uri), cancellationToken).ConfigureAwait(false)).Model;
            default:
                ArgumentException.ThrowIfNullOrWhiteSpace(uri);
                var location = ArtifactLocations.Normalize(uri);
                return new ResolvedModel { Uri = location, Location = location };
        }
    }

    /// <exception cref="ArgumentException">It is no URI of a model.</exception>
    /// <exception cref="ModelTrackException">What it names does not exist, is not ready, or is where nothing here can read.</exception>
    public async ValueTask<ModelContent> FindAsync(string uri, CancellationToken cancellationToken)
    {
        if (UriScheme.Of(uri) == RunsUri.Scheme)
        {
            return await OfRunAsync(RunsUri.Parse(uri), cancellationToken).ConfigureAwait(false);
        }

        var model = await ResolveAsync(uri, cancellationToken).ConfigureAwait(false);
        return new ModelContent(model, await FindFilesAsync(model.Location ?? "", model.RunId, cancellationToken).ConfigureAwait(false));
    }

    private static ResolvedModel OfLogged(LoggedModelPlace logged, string subPath) => new()
    {
        Uri = $"models:/{logged.ModelId}",
        Location = logged.ArtifactUri,
        ModelId = logged.ModelId,
        RunId = logged.SourceRunId,
        SubPath = subPath,
    };

    private async ValueTask<ResolvedModel> OfVersionAsync(ModelsUri uri, string subPath, CancellationToken cancellationToken)
    {
        var client = registry();
        var version = await client.Sources.FindVersionAsync(uri, cancellationToken).ConfigureAwait(false);
        if (version.Status != ModelVersionStatus.Ready)
        {
            var isPending = version.Status == ModelVersionStatus.PendingRegistration;
            throw new ModelTrackException(
                ErrorCode.InvalidState,
                $"Version {version.Version} of the registered model {Excerpt.Of(version.Name)} is not ready: "
                + (isPending ? "it is being registered; WaitUntilReadyAsync of the registry waits for it" : "its registration failed")
                + (version.StatusMessage is { Length: > 0 } message ? $" ({message})." : "."))
            {
                IsTransient = isPending,
            };
        }

        return new ResolvedModel
        {
            Uri = $"models:/{version.Name}/{version.Version}",
            Location = await client.GetDownloadUriAsync(version.Name, version.Version, cancellationToken).ConfigureAwait(false),
            Name = version.Name,
            Version = version.Version,
            ModelId = version.ModelId,
            RunId = version.RunId,
            SubPath = subPath,
        };
    }

    private async ValueTask<LoggedModelPlace> FindLoggedAsync(string modelId, CancellationToken cancellationToken)
        => Ready(await loggedModels.FindAsync(modelId, cancellationToken).ConfigureAwait(false) ?? throw RegistryErrors.NoLoggedModel(modelId));

    private static LoggedModelPlace Ready(LoggedModelPlace logged) => logged.Fault is null
        ? logged
        : throw new ModelTrackException(ErrorCode.InvalidState, $"The logged model '{logged.ModelId}' is not ready: {logged.Fault}.");

    /// <summary>What a run has at a path: its artifacts there, and over them the logged model of that name.</summary>
    private async ValueTask<ModelContent> OfRunAsync(RunsUri uri, CancellationToken cancellationToken)
    {
        var run = await backend.GetRunAsync(uri.RunId, cancellationToken).ConfigureAwait(false);
        var (name, inside) = uri.Path.IndexOf('/', StringComparison.Ordinal) is >= 0 and var slash
            ? (uri.Path[..slash], uri.Path[(slash + 1)..])
            : (uri.Path, "");
        var logged = LoggedModelName.IsPossible(name)
            ? await loggedModels.FindOfRunAsync(run, name, cancellationToken).ConfigureAwait(false)
            : null;
        var artifacts = ArtifactSource.Of(backend, run.Id).Below(uri.Path);
        var files = artifacts;
        var location = uri.Path.Length == 0 ? run.ArtifactUri : ArtifactLocations.Append(run.ArtifactUri, uri.Path);
        if (logged is not null)
        {
            var own = (await FindFilesAsync(Ready(logged).ArtifactUri, null, cancellationToken).ConfigureAwait(false)).Below(inside);
            files = own.Over(artifacts with { ListAsync = (path, token) => ListIfReadableAsync(artifacts, path, token) });
            location = inside.Length == 0 ? logged.ArtifactUri : ArtifactLocations.Append(logged.ArtifactUri, inside);
        }

        var resolved = new ResolvedModel
        {
            Uri = uri.Path.Length == 0 ? $"runs:/{run.Id}" : $"runs:/{run.Id}/{uri.Path}",
            Location = location,
            ModelId = logged?.ModelId,
            RunId = run.Id,
        };
        return new ModelContent(resolved, files);
    }

    private async ValueTask<ArtifactSource> FindFilesAsync(string location, string? runId, CancellationToken cancellationToken)
    {
        if (findRepository(location) is { } repository)
        {
            return ArtifactSource.Of(repository, location);
        }

        // What nothing here speaks to may lie among a run's artifacts, which the store itself can read.
        if (runId is not null && await FindRunAsync(runId, cancellationToken).ConfigureAwait(false) is { } run
            && BelowOf(run.ArtifactUri, location) is { } path)
        {
            return ArtifactSource.Of(backend, run.Id).Below(path);
        }

        var scheme = UriScheme.Of(location) ?? "file";
        throw new ModelTrackException(
            ErrorCode.NotImplemented,
            scheme == "file"
                ? $"The model's files are in the folder {Excerpt.Of(location)}, which is not on this machine."
                : $"The model's files are at {Excerpt.Of(location)}, and nothing here reads '{scheme}:'. Name what does in "
                    + $"{nameof(TrackerOptions)}.{nameof(TrackerOptions.ArtifactRepositories)}[\"{scheme}\"].");
    }

    private async ValueTask<RunSnapshot?> FindRunAsync(string runId, CancellationToken cancellationToken)
    {
        try
        {
            return await backend.GetRunAsync(runId, cancellationToken).ConfigureAwait(false);
        }
        catch (ModelTrackException e) when (e.ErrorCode == ErrorCode.ResourceDoesNotExist)
        {
            // A registry of its own may name runs of another store.
            return null;
        }
    }

    private static string? BelowOf(string root, string location)
    {
        root = root.TrimEnd('/');
        location = location.TrimEnd('/');
        return location == root ? ""
            : location.StartsWith(root + "/", StringComparison.Ordinal) && location[(root.Length + 1)..] is var path
                && ArtifactPath.FindReadingFault(path) is null ? path
            : null;
    }

    /// <summary>A run's artifacts in a place that cannot be read do not keep its logged model from being read.</summary>
    private static async ValueTask<IReadOnlyList<ArtifactInfo>> ListIfReadableAsync(ArtifactSource files, string path, CancellationToken token)
    {
        try
        {
            return await files.ListAsync(path, token).ConfigureAwait(false);
        }
        catch (NotSupportedException)
        {
            return [];
        }
    }
}
