using System.Globalization;
using ModelTrack.Client.Backends.Rest;

namespace ModelTrack.Client;

/// <summary>
/// Copies registered models by their names, and their versions, whose sources become the copied runs and models. A version's copy is found
/// by its tag: the model, the number and the time of its creation, which stay the same when a store is moved to another place.
/// </summary>
/// <param name="source">The source.</param>
/// <param name="target">The target.</param>
/// <param name="options">What to copy.</param>
/// <param name="runs">The copies of runs by the source runs' ids; null: not there yet.</param>
/// <param name="models">The copies of logged models.</param>
internal sealed class RegistrySync(
    SyncStore source,
    SyncStore target,
    SyncOptions options,
    IReadOnlyDictionary<string, string?> runs,
    LoggedModelSync models)
{
    /// <summary>The numbers of the copies by the source versions' names and numbers; null: not there yet.</summary>
    private readonly Dictionary<(string Name, int Version), int?> _copies = [];

    private bool IsSelective => options.Filter is not null || options.Experiments is not null;

    /// <summary>Two trackers may have one registry. What is in memory has no place by which to tell.</summary>
    private bool IsSame => source.RegistryDestination() is var place
        && place == target.RegistryDestination()
        && !place.StartsWith("memory", StringComparison.Ordinal);

    /// <param name="tryAsync">Runs an action that may fail, and counts that.</param>
    /// <param name="finish">Told of each model and version.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task CopyAsync(Func<SyncTally, Func<Task>, Task> tryAsync, Action<SyncItem> finish, CancellationToken cancellationToken)
    {
        if (IsSame)
        {
            return;
        }

        await foreach (var found in source.Registry().SearchModelsAsync(cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            var versions = await ListVersionsAsync(source.Registry(), found.Name, cancellationToken).ConfigureAwait(false);
            versions.RemoveAll(version => IsSelective && (version.RunId is not { } run || !runs.ContainsKey(run)));
            if (IsSelective && versions.Count == 0)
            {
                continue;
            }

            var tally = new SyncTally();
            RegisteredModel? model = null;
            RegisteredModel? copy = null;
            await tryAsync(tally, async () =>
            {
                // A search leaves the aliases out on some servers.
                model = await source.Registry().GetModelAsync(found.Name, cancellationToken).ConfigureAwait(false);
                copy = await OpenAsync(model, tally, cancellationToken).ConfigureAwait(false);
            }).ConfigureAwait(false);
            if (tally.Failure is null)
            {
                await CopyVersionsAsync(versions, copy, tryAsync, finish, cancellationToken).ConfigureAwait(false);
                await tryAsync(tally, () => CopyAliasesAsync(model!, copy, tally, cancellationToken)).ConfigureAwait(false);
            }

            finish(tally.ToItem(SyncItemKind.RegisteredModel, found.Name, found.Name, copy?.Name));
        }
    }

    private static async Task<List<ModelVersion>> ListVersionsAsync(
        RegistryClient registry, string name, CancellationToken cancellationToken)
    {
        var versions = new List<ModelVersion>();
        var quote = name.Contains('\'', StringComparison.Ordinal) ? '"' : '\'';
        await foreach (var version in registry.SearchVersionsAsync($"name = {quote}{name}{quote}", cancellationToken: cancellationToken)
            .ConfigureAwait(false))
        {
            versions.Add(version);
        }

        versions.Sort((a, b) => a.Version.CompareTo(b.Version));
        return versions;
    }

    private static Dictionary<string, string> TagsOf(IReadOnlyDictionary<string, string> tags) => tags
        .Where(tag => !SyncTags.IsOfStore(tag.Key) && tag.Key != RestModelRegistry.RequestTag)
        .ToDictionary(tag => tag.Key, tag => tag.Value);

    private static string KeyOf(string name, int version, DateTimeOffset created)
        => string.Create(CultureInfo.InvariantCulture, $"{name}/{version}@{created.ToUnixTimeMilliseconds()}");

    /// <returns>The copy; null when there is none yet, in a dry run.</returns>
    private async Task<RegisteredModel?> OpenAsync(RegisteredModel model, SyncTally tally, CancellationToken cancellationToken)
    {
        var tags = TagsOf(model.Tags);
        if (await target.Registry().FindModelAsync(model.Name, cancellationToken).ConfigureAwait(false) is not { } found)
        {
            tally.Tags += tags.Count;
            tally.IsNew = tally.IsChanged = true;
            return options.DryRun
                ? null
                : await target.Registry().CreateModelAsync(model.Name, model.Description, tags, cancellationToken).ConfigureAwait(false);
        }

        await CopyTextAsync(
            tags,
            found.Tags,
            model.Description,
            found.Description,
            tally,
            (key, value) => target.Registry().SetModelTagAsync(model.Name, key, value, cancellationToken),
            text => target.Registry().UpdateModelAsync(model.Name, text, cancellationToken)).ConfigureAwait(false);
        return found;
    }

    private async Task CopyTextAsync(
        Dictionary<string, string> tags,
        IReadOnlyDictionary<string, string> theirTags,
        string? description,
        string? theirDescription,
        SyncTally tally,
        Func<string, string, Task> setTag,
        Func<string, Task> describe)
    {
        foreach (var (key, value) in tags)
        {
            if (!theirTags.TryGetValue(key, out var there))
            {
                await DoAsync(() => setTag(key, value)).ConfigureAwait(false);
                tally.Tags++;
            }
            else if (there != value)
            {
                tally.AddDifference($"tag {Excerpt.Of(key)}", there, value);
            }
        }

        if (string.IsNullOrEmpty(description) || description == theirDescription)
        {
            return;
        }

        if (string.IsNullOrEmpty(theirDescription))
        {
            await DoAsync(() => describe(description)).ConfigureAwait(false);
            tally.IsChanged = true;
        }
        else
        {
            tally.AddConflict("The description differs.");
        }
    }

    private async Task CopyVersionsAsync(
        List<ModelVersion> versions,
        RegisteredModel? copy,
        Func<SyncTally, Func<Task>, Task> tryAsync,
        Action<SyncItem> finish,
        CancellationToken cancellationToken)
    {
        var there = copy is null ? [] : await ListVersionsAsync(target.Registry(), copy.Name, cancellationToken).ConfigureAwait(false);
        foreach (var version in versions)
        {
            var tally = new SyncTally();
            int? number = null;
            await tryAsync(
                tally,
                async () => number = await CopyVersionAsync(version, there, tally, cancellationToken).ConfigureAwait(false))
                .ConfigureAwait(false);
            if (tally.Failure is null)
            {
                _copies[(version.Name, version.Version)] = number;
            }

            finish(tally.ToItem(
                SyncItemKind.ModelVersion,
                version.Name,
                version.Version.ToString(CultureInfo.InvariantCulture),
                number?.ToString(CultureInfo.InvariantCulture)));
        }
    }

    private async Task<int?> CopyVersionAsync(
        ModelVersion version, List<ModelVersion> there, SyncTally tally, CancellationToken cancellationToken)
    {
        var key = KeyOf(version.Name, version.Version, version.CreationTime);
        var copy = there.Find(other => other.Tags.GetValueOrDefault(SyncTags.Source) == key
            || version.Tags.GetValueOrDefault(SyncTags.Source) == KeyOf(other.Name, other.Version, other.CreationTime));
        var tags = TagsOf(version.Tags);
        if (copy is null)
        {
            tally.Tags += tags.Count;
            tally.IsNew = tally.IsChanged = true;
            if (options.DryRun)
            {
                return null;
            }

            tags[SyncTags.Source] = key;
            copy = await CreateAsync(version, tags, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await CopyTextAsync(
                tags,
                copy.Tags,
                version.Description,
                copy.Description,
                tally,
                (tag, value) => target.Registry().SetVersionTagAsync(copy.Name, copy.Version, tag, value, cancellationToken),
                text => target.Registry().UpdateVersionAsync(copy.Name, copy.Version, text, cancellationToken)).ConfigureAwait(false);
        }

        if (version.Stage != copy.Stage && copy.Stage == ModelStage.None)
        {
            await DoAsync(() => target.Registry()
                .SetStageAsync(copy.Name, copy.Version, version.Stage, cancellationToken: cancellationToken)).ConfigureAwait(false);
            tally.IsChanged = true;
        }
        else if (version.Stage != copy.Stage)
        {
            tally.AddConflict($"The version is in the stage {copy.Stage} in the target and {version.Stage} in the source.");
        }

        return copy.Version;
    }

    private async Task<ModelVersion> CreateAsync(ModelVersion version, Dictionary<string, string> tags, CancellationToken cancellationToken)
    {
        var uri = await RewriteAsync(version, cancellationToken).ConfigureAwait(false);
        var resolved = await target.Registry().Sources.ResolveAsync(uri, cancellationToken).ConfigureAwait(false);
        var runId = resolved.RunId ?? (version.RunId is { } run ? runs.GetValueOrDefault(run) : null);
        var made = await target.Registry().CreateVersionAsync(
            version.Name, resolved.Uri, runId, tags, version.Description, version.RunLink, resolved.ModelId, cancellationToken)
            .ConfigureAwait(false);
        if (resolved.ModelId is { } modelId)
        {
            await target.Registry().Sources.NoteAsync(made, modelId, cancellationToken).ConfigureAwait(false);
        }

        return made;
    }

    /// <summary>What the version is made of, in the target. What was not copied is named as it is in the source.</summary>
    private async Task<string> RewriteAsync(ModelVersion version, CancellationToken cancellationToken)
    {
        if (version.ModelId is { } modelId && models.UriOf(modelId) is { } model)
        {
            return model;
        }

        switch (UriScheme.Of(version.Source))
        {
            case RunsUri.Scheme when RunsUri.Parse(version.Source) is var uri && runs.GetValueOrDefault(uri.RunId) is { } run:
                return $"{RunsUri.Scheme}:/{run}/{uri.Path}";
            case ModelsUri.Scheme when ModelsUri.Parse(version.Source) is var uri:
                return uri.ModelId is { } id && models.UriOf(id) is { } logged ? logged
                    : uri.Version is { } number && _copies.GetValueOrDefault((uri.Name, number)) is { } copied
                        ? $"{ModelsUri.Scheme}:/{uri.Name}/{copied.ToString(CultureInfo.InvariantCulture)}"
                    : version.Source;
        }

        if (version.RunId is { } runId && runs.GetValueOrDefault(runId) is { } copyId)
        {
            var root = (await source.Backend.GetRunAsync(runId, cancellationToken).ConfigureAwait(false)).ArtifactUri.TrimEnd('/') + "/";
            if (version.Source.StartsWith(root, StringComparison.Ordinal))
            {
                return $"{RunsUri.Scheme}:/{copyId}/{version.Source[root.Length..]}";
            }
        }

        return version.Source;
    }

    /// <summary>An alias that stands for another version in the target stays there.</summary>
    private async Task CopyAliasesAsync(RegisteredModel model, RegisteredModel? copy, SyncTally tally, CancellationToken cancellationToken)
    {
        foreach (var (alias, version) in model.Aliases)
        {
            if (!_copies.TryGetValue((model.Name, version), out var number))
            {
                continue;
            }

            if (copy?.Aliases.TryGetValue(alias, out var there) != true)
            {
                await DoAsync(() => target.Registry().SetAliasAsync(model.Name, alias, number!.Value, cancellationToken))
                    .ConfigureAwait(false);
                tally.IsChanged = true;
            }
            else if (there != number)
            {
                tally.AddConflict(
                    $"The alias {Excerpt.Of(alias)} stands for version {there} in the target, where the source's is version {number}.");
            }
        }
    }

    private Task DoAsync(Func<Task> write) => options.DryRun ? Task.CompletedTask : write();
}
