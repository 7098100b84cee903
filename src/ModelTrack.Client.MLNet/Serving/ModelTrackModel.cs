using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.ML;

namespace ModelTrack.Client.MLNet;

/// <summary>
/// A model of ML.NET that answers, and follows its alias: it is loaded in the background, the registry is asked now and then whether the URI
/// means another version, and that one takes over when it is loaded. What goes wrong meanwhile is logged, and the version that answers stays.
/// Safe for use from several threads.
/// </summary>
/// <remarks>
/// Loading begins when it is made. When the registry is out of reach then, the cache gives what the URI meant last; the registry is asked
/// again at the next poll. <see cref="ModelTrackModel{TIn, TOut}"/> predicts with classes, this one with data views.
/// </remarks>
public class ModelTrackModel : IDisposable, IAsyncDisposable
{
    private readonly Tracker _tracker;
    private readonly Func<ServedModel, ITransformer, DataViewSchema, ServedVersion> _open;
    private readonly Action<ServedModel>? _loaded;
    private readonly MLContext _mlContext;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;

    private readonly CancellationTokenSource _closing = new();
    private readonly SemaphoreSlim _refreshing = new(1, 1);
    private readonly TaskCompletionSource _firstLoaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly object _gate = new();
    private volatile ServedVersion? _current;
    private volatile Exception? _lastError;
    private bool _isDisposed;

    /// <summary>What the URI meant when the current version was loaded. Used by the one who refreshes.</summary>
    private ModelIdentity? _identity;

    /// <summary>Makes one and begins to load the model.</summary>
    /// <param name="tracker">Finds the model; not disposed with this.</param>
    /// <param name="uri">The model's URI: <c>models:/name@alias</c>, or any other that <see cref="Tracker.Models"/> takes.</param>
    /// <param name="options">How it works. Default: as <see cref="ModelTrackModelOptions"/> says.</param>
    /// <exception cref="ArgumentException">The URI is empty, or an option breaks its rule.</exception>
    public ModelTrackModel(Tracker tracker, string uri, ModelTrackModelOptions? options = null)
        : this(tracker, uri, options ?? new ModelTrackModelOptions(), static (_, model, transformer, schema) => new(model, transformer, schema))
    {
    }

    private protected ModelTrackModel(
        Tracker tracker,
        string uri,
        ModelTrackModelOptions options,
        Func<MLContext, ServedModel, ITransformer, DataViewSchema, ServedVersion> open)
    {
        ArgumentNullException.ThrowIfNull(tracker);
        ArgumentException.ThrowIfNullOrWhiteSpace(uri);
        options.Check();
        Uri = uri;
        _tracker = tracker;
        _mlContext = options.MLContext ?? new MLContext();
        _open = (model, transformer, schema) => open(_mlContext, model, transformer, schema);
        _loaded = options.Loaded;
        _clock = options.TimeProvider ?? TimeProvider.System;
        _logger = (ILogger?)options.LoggerFactory?.CreateLogger<ModelTrackModel>() ?? NullLogger.Instance;

        // Made before the first load, so that a long one does not put off the second look.
        var timer = options.PollingInterval == Timeout.InfiniteTimeSpan ? null : new PeriodicTimer(options.PollingInterval, _clock);
        Polling = Task.Run(() => PollAsync(timer));
    }

    /// <summary>The URI as it was given.</summary>
    public string Uri { get; }

    /// <summary>The model that answers now; null until one is loaded.</summary>
    public ServedModel? Current => _current?.Model;

    /// <summary>What went wrong when the registry was asked last, or the version it named was loaded; null when nothing did.</summary>
    public Exception? LastError => _lastError;

    /// <summary>Ends when nothing is looked for any more.</summary>
    internal Task Polling { get; }

    /// <summary>Waits until a model is loaded. It does not end by errors, since the next look may go well: see <see cref="LastError"/>.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The model that answers.</returns>
    /// <exception cref="OperationCanceledException">The wait was ended.</exception>
    /// <exception cref="ObjectDisposedException">This was disposed before.</exception>
    public async Task<ServedModel> WaitUntilLoadedAsync(CancellationToken cancellationToken = default)
    {
        await _firstLoaded.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        return Current ?? throw new ObjectDisposedException(GetType().FullName);
    }

    /// <summary>Asks the registry now, and loads the version that the URI means, unless it is the one that answers.</summary>
    /// <param name="cancellationToken">Ends the wait and the load.</param>
    /// <returns>Whether another version answers now.</returns>
    /// <exception cref="ModelTrackException">
    /// The URI means nothing, the registry is out of reach, or the model is not of ML.NET or does not fit the types. What answered still does.
    /// </exception>
    /// <exception cref="InvalidDataException">The model is damaged. What answered still does.</exception>
    /// <exception cref="ObjectDisposedException">This is disposed.</exception>
    public async Task<bool> RefreshAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_closing.IsCancellationRequested, this);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closing.Token);
        await _refreshing.WaitAsync(either.Token).ConfigureAwait(false);
        try
        {
            var isNew = await FollowAsync(either.Token).ConfigureAwait(false);
            _lastError = null;
            return isNew;
        }
        catch (Exception e) when (!either.IsCancellationRequested)
        {
            _lastError = e;
            throw;
        }
        finally
        {
            _refreshing.Release();
        }
    }

    /// <summary>Takes the version that answers now, for as long as the lease is held.</summary>
    /// <returns>The lease; dispose it after use.</returns>
    /// <exception cref="InvalidOperationException">No model is loaded yet; the message says what is in the way.</exception>
    /// <exception cref="ObjectDisposedException">This is disposed.</exception>
    public ModelLease Rent() => new(Use());

    /// <summary>Ends the polling, and frees the model as soon as no prediction is under way. Safe to call twice.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>As <see cref="Dispose()"/>, and waits for a load that is under way to break off.</summary>
    /// <returns>A task that ends then.</returns>
    public async ValueTask DisposeAsync()
    {
        Dispose();
        GC.SuppressFinalize(this);
        await Polling.ConfigureAwait(false);
    }

    /// <summary>Ends the polling, while predictions go on: the program is about to end.</summary>
    internal Task StopAsync(CancellationToken cancellationToken)
    {
        _closing.Cancel();
        return Polling.WaitAsync(cancellationToken);
    }

    /// <summary>Ends the polling and lets go of the model.</summary>
    /// <param name="disposing">False when called by a finalizer.</param>
    protected virtual void Dispose(bool disposing)
    {
        ServedVersion? last;
        lock (_gate)
        {
            if (_isDisposed || !disposing)
            {
                return;
            }

            _isDisposed = true;
            last = _current;
            _current = null;
        }

        // The source has no timer and no handle to free, and those who come late still ask it.
        _closing.Cancel();
        last?.Release();
        _firstLoaded.TrySetException(new ObjectDisposedException(GetType().FullName));
        _ = _firstLoaded.Task.Exception;
    }

    /// <summary>The version that answers; whoever gets it releases it.</summary>
    private protected ServedVersion Use()
    {
        while (true)
        {
            var version = _current;
            if (version is null)
            {
                ObjectDisposedException.ThrowIf(_isDisposed, this);
                throw new InvalidOperationException(
                    $"The model {Uri} is not loaded yet{(_lastError is { } error ? $": {error.Message}" : ".")}", _lastError);
            }

            // It may have been freed since the line above; then another one answers already.
            if (version.TryUse())
            {
                return version;
            }
        }
    }

    private async Task PollAsync(PeriodicTimer? timer)
    {
        using (timer)
        {
            string? reported = null;
            do
            {
                reported = await LookAsync(reported).ConfigureAwait(false);
            }
            while (!IsFixed && timer is not null && await NextAsync(timer).ConfigureAwait(false));
        }
    }

    /// <summary>A version by its number, and a logged model by its id, stay what they are.</summary>
    private bool IsFixed => _identity is { Location: not null } identity
        && identity.Uri.StartsWith("models:/", StringComparison.Ordinal)
        && identity.Uri == Uri.TrimEnd('/');

    private async ValueTask<bool> NextAsync(PeriodicTimer timer)
    {
        try
        {
            return await timer.WaitForNextTickAsync(_closing.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>One look at the registry, which never throws. The same trouble is a warning once.</summary>
    private async Task<string?> LookAsync(string? reported)
    {
        try
        {
            await RefreshAsync(_closing.Token).ConfigureAwait(false);
            if (reported is not null)
            {
                _logger.LogInformation("The model {Uri} can be asked for again.", Uri);
            }

            return null;
        }
        catch (Exception) when (_closing.IsCancellationRequested)
        {
            return reported;
        }
#pragma warning disable CA1031 // Whatever a model or a registry does, what answers goes on answering.
        catch (Exception e)
#pragma warning restore CA1031
        {
            var level = e.Message == reported ? LogLevel.Debug : LogLevel.Warning;
            if (Current is { } current)
            {
                _logger.Log(level, e, "The model {Uri} could not be renewed; {Current} goes on answering.", Uri, current.Uri);
            }
            else
            {
                _logger.Log(level, e, "The model {Uri} could not be loaded; nothing answers yet.", Uri);
            }

            return e.Message;
        }
    }

    private async Task<bool> FollowAsync(CancellationToken cancellationToken)
    {
        ResolvedModel resolved;
        LocalModel local;
        try
        {
            do
            {
                resolved = await _tracker.Models.ResolveAsync(Uri, cancellationToken).ConfigureAwait(false);
                if (_current is not null && _identity!.IsOf(resolved))
                {
                    return false;
                }

                // By the URI that was given, so that the cache knows later what it meant.
                local = await _tracker.Models.DownloadAsync(Uri, cancellationToken: cancellationToken).ConfigureAwait(false);
            }
            while (local.Uri != resolved.Uri); // It moved in between.
        }
        catch (Exception e) when (_current is null && IsAway(e) && !cancellationToken.IsCancellationRequested)
        {
            if (await FindCachedAsync(cancellationToken).ConfigureAwait(false) is not { } cached)
            {
                throw;
            }

            Serve(cached, new ModelIdentity(cached.Uri, null, cached.ModelId));
            _logger.LogWarning(e, "The registry is out of reach; the model {Uri} is the cache's {Current}.", Uri, cached.Uri);
            return true;
        }

        Serve(local, new ModelIdentity(resolved.Uri, resolved.Location, resolved.ModelId));
        return true;
    }

    private async ValueTask<LocalModel?> FindCachedAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _tracker.Models.DownloadAsync(Uri, cacheOnly: true, cancellationToken: cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ModelTrackException or InvalidDataException or IOException)
        {
            _logger.LogDebug(e, "The cache does not have {Uri}.", Uri);
            return null;
        }
    }

    private static bool IsAway(Exception e) => e is ModelTrackException { IsTransient: true } or HttpRequestException or TimeoutException;

    /// <summary>Loads a version beside the one that answers, and lets it take over when it is whole.</summary>
    private void Serve(LocalModel local, ModelIdentity identity)
    {
        var transformer = MLNetFlavor.Load(_mlContext, local, out var schema);
        var model = new ServedModel
        {
            Uri = local.Uri,
            Name = local.Name,
            Version = local.Version,
            ModelId = local.ModelId,
            RunId = local.RunId,
            Signature = local.Signature,
            LoadedAt = _clock.GetUtcNow(),
        };
        ServedVersion version;
        try
        {
            version = _open(model, transformer, schema);
        }
        catch
        {
            (transformer as IDisposable)?.Dispose();
            throw;
        }

        ServedVersion? old;
        lock (_gate)
        {
            if (_isDisposed)
            {
                version.Release();
                throw new ObjectDisposedException(GetType().FullName);
            }

            old = _current;
            _current = version;
        }

        _identity = identity;
        old?.Release();
        _logger.LogInformation("The model {Uri} answers by {Current} now.", Uri, model.Uri);
        _firstLoaded.TrySetResult();
        try
        {
            _loaded?.Invoke(model);
        }
#pragma warning disable CA1031 // The program's own code does not end the polling.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _logger.LogError(e, "What the program does after {Current} was loaded failed.", model.Uri);
        }
    }
}
