using Microsoft.Extensions.Logging;
using ModelTrack.Client.Backends;
using ModelTrack.Client.Backends.Files;

namespace ModelTrack.Client;

/// <summary>Finds out what a model URI means, as MLflow's own <c>register_model</c> does, before a version is made from it.</summary>
internal sealed class ModelSourceResolver(ITrackingBackend backend, ILoggedModels loggedModels, IModelRegistry registry, ILogger logger)
{
    private const string ManifestName = "MLmodel";

    /// <exception cref="ArgumentException">It is no model URI.</exception>
    /// <exception cref="ModelTrackException">The run, the version or the alias that it names does not exist.</exception>
    public async ValueTask<ModelSource> ResolveAsync(string modelUri, CancellationToken cancellationToken)
    {
        var scheme = UriScheme.Of(modelUri);
        var source = scheme switch
        {
            RunsUri.Scheme => await OfRunAsync(RunsUri.Parse(modelUri), cancellationToken).ConfigureAwait(false),
            ModelsUri.Scheme => await OfModelAsync(ModelsUri.Parse(modelUri), cancellationToken).ConfigureAwait(false),

            // A relative path means one in this process's folder, which nobody who reads the registry knows.
            _ => new ModelSource(ArtifactLocations.Normalize(modelUri), null, null),
        };
        return source;
    }

    /// <summary>Notes on a logged model that a version was made from it. The version is there, whatever becomes of the note.</summary>
    public async ValueTask NoteAsync(ModelVersion version, string modelId, CancellationToken cancellationToken)
    {
        try
        {
            await loggedModels.NoteVersionAsync(modelId, version.Name, version.Version, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or ModelTrackException)
        {
            logger.LogWarning(
                e, "The logged model {Id} does not say that it is version {Version} of {Name}.", modelId, version.Version, version.Name);
        }
    }

    private async ValueTask<ModelSource> OfRunAsync(RunsUri uri, CancellationToken cancellationToken)
    {
        var run = await backend.GetRunAsync(uri.RunId, cancellationToken).ConfigureAwait(false);
        var entries = await ListAsync(uri, cancellationToken).ConfigureAwait(false);
        var location = uri.Path.Length == 0 ? run.ArtifactUri : ArtifactLocations.Append(run.ArtifactUri, uri.Path);
        var manifest = uri.Path.Length == 0 ? ManifestName : uri.Path + "/" + ManifestName;
        if (entries?.Any(entry => entry.Path == manifest) == true)
        {
            return new ModelSource(location, run.Id, null);
        }

        // What MLflow 3 logs is not among the run's artifacts, but goes by their path all the same.
        if (LoggedModelName.IsPossible(uri.Path)
            && await loggedModels.FindOfRunAsync(run, uri.Path, cancellationToken).ConfigureAwait(false) is { } logged)
        {
            return new ModelSource($"models:/{logged.ModelId}", run.Id, logged.ModelId);
        }

        if (entries is { Count: 0 })
        {
            // Perhaps it waits in a journal. MLflow 3 refuses this; MLflow 2 does not look.
            logger.LogWarning("The run {RunId} has nothing at '{Path}' yet; a model version is made of it all the same.", run.Id, uri.Path);
        }

        return new ModelSource(location, run.Id, null);
    }

    /// <summary>Null where that cannot be found out: artifacts in a place that this client does not read.</summary>
    private async ValueTask<IReadOnlyList<ArtifactInfo>?> ListAsync(RunsUri uri, CancellationToken cancellationToken)
    {
        try
        {
            return await backend.ListArtifactsAsync(uri.RunId, uri.Path, cancellationToken).ConfigureAwait(false);
        }
        catch (NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>Registries take numbers only; whoever copies a version keeps the run that it came from.</summary>
    private async ValueTask<ModelSource> OfModelAsync(ModelsUri uri, CancellationToken cancellationToken)
    {
        if (uri.ModelId is { } modelId)
        {
            return new ModelSource($"models:/{modelId}", null, modelId);
        }

        var version = await FindVersionAsync(uri, cancellationToken).ConfigureAwait(false);
        return new ModelSource($"models:/{version.Name}/{version.Version}", version.RunId, version.ModelId);
    }

    /// <summary>The version that a URI means which is not that of a logged model.</summary>
    /// <exception cref="ModelTrackException">There is no such model, version or alias, or no version in that stage.</exception>
    public async ValueTask<ModelVersion> FindVersionAsync(ModelsUri uri, CancellationToken cancellationToken) => uri switch
    {
        { Version: { } number } => await registry.GetVersionAsync(uri.Name, number, cancellationToken).ConfigureAwait(false),
        { Alias: { } alias } => await registry.GetVersionByAliasAsync(uri.Name, alias, cancellationToken).ConfigureAwait(false),
        _ => await GetLatestAsync(uri, cancellationToken).ConfigureAwait(false),
    };

    private async ValueTask<ModelVersion> GetLatestAsync(ModelsUri uri, CancellationToken cancellationToken)
    {
        IReadOnlyCollection<ModelStage> stages = uri.Stage is { } stage ? [stage] : [];
        var latest = await registry.GetLatestVersionsAsync(uri.Name, stages, cancellationToken).ConfigureAwait(false);
        return latest.MaxBy(version => version.Version) ?? throw new ModelTrackException(
            ErrorCode.ResourceDoesNotExist,
            $"The registered model '{uri.Name}' has no version{(uri.Stage is { } wanted ? $" in stage {wanted}" : "")}.");
    }
}
