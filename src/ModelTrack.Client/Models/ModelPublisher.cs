using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using ModelTrack.Client.Backends;

namespace ModelTrack.Client;

/// <summary>
/// Brings a model into the store, and makes a version of a registered model of it where that was asked for. May be repeated: what an earlier
/// try has done is found. Safe for calls from several threads.
/// </summary>
internal sealed class ModelPublisher(ITrackingBackend backend, Func<RegistryClient> registry, ILogger logger)
{
    /// <summary>Those that somebody waits for: what became of them.</summary>
    private readonly ConcurrentDictionary<string, TaskCompletionSource<LoggedModelInfo>> _awaited = new();

    /// <summary>What becomes of the model with this key; forgotten when it is there.</summary>
    public Task<LoggedModelInfo> Await(string key)
        => _awaited.GetOrAdd(key, _ => new TaskCompletionSource<LoggedModelInfo>(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <exception cref="ModelTrackException">The store or the registry refused it, or is away.</exception>
    public async Task<LoggedModelInfo> PublishAsync(string runId, ModelDraft draft, CancellationToken cancellationToken)
    {
        var stored = await backend.StoreModelAsync(runId, draft, logger, cancellationToken).ConfigureAwait(false);
        int? version = null;
        if (draft.RegisteredModelName is { } name)
        {
            version = await RegisterAsync(name, runId, draft, stored, cancellationToken).ConfigureAwait(false);
        }

        var info = new LoggedModelInfo(draft.Name, runId, stored.ModelUri, stored.ModelId, stored.Manifest, draft.RegisteredModelName, version);
        if (_awaited.TryRemove(draft.Key, out var waiting))
        {
            waiting.TrySetResult(info);
        }

        return info;
    }

    /// <summary>Waits until the registry has the version ready.</summary>
    public async Task WaitUntilReadyAsync(string name, int version, CancellationToken cancellationToken)
        => await registry().WaitUntilReadyAsync(name, version, cancellationToken: cancellationToken).ConfigureAwait(false);

    /// <summary>It will not be stored.</summary>
    public void Refuse(string key, string reason)
    {
        if (_awaited.TryRemove(key, out var waiting))
        {
            waiting.TrySetException(new ModelTrackException(ErrorCode.InvalidState, reason));
        }
    }

    private async Task<int> RegisterAsync(string name, string runId, ModelDraft draft, StoredModel stored, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var version in registry().SearchVersionsAsync($"run_id = '{runId}'", cancellationToken: cancellationToken).ConfigureAwait(false))
            {
                if (version.Name == name && version.Tags.GetValueOrDefault(SystemTags.ModelKey) == draft.Key)
                {
                    return version.Version;
                }
            }

            var made = await registry().RegisterModelAsync(
                name,
                stored.ModelUri,
                new Dictionary<string, string> { [SystemTags.ModelKey] = draft.Key },
                timeout: TimeSpan.Zero,
                cancellationToken: cancellationToken).ConfigureAwait(false);
            return made.Version;
        }
        catch (ModelTrackException e) when (!e.IsTransient)
        {
            throw new ModelTrackException(
                e.ErrorCode, $"The model is stored as {stored.ModelUri}, but could not be made a version of '{name}': {e.Message}", e)
            {
                StatusCode = e.StatusCode,
                IsServersWord = e.IsServersWord,
            };
        }
    }
}
