using System.Net;

namespace ModelTrack.Client.Backends.Rest;

/// <summary>
/// What a server is and can do, asked when it is first needed and then kept. As long as it cannot be found out because the server is away
/// or wants other credentials, nothing is known, and the next call asks again. Safe for calls from several threads.
/// </summary>
internal sealed class ServerFeatures(ServiceApi service, Uri server) : IDisposable
{
    /// <summary>MLflow's folders number experiments with 18 random digits, its databases from 0 up.</summary>
    private const int FolderIdLength = 18;

    private const int LongestDatabaseId = 9;

    private readonly SemaphoreSlim _asking = new(1, 1);
    private volatile ServerFacts? _facts;

    public async ValueTask<ServerFacts> GetAsync(CancellationToken cancellationToken)
    {
        if (_facts is { } known)
        {
            return known;
        }

        await _asking.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_facts is null)
            {
                var facts = await AskAsync(cancellationToken).ConfigureAwait(false);
                _facts = facts;
            }

            return _facts ?? ServerFacts.None;
        }
        finally
        {
            _asking.Release();
        }
    }

    /// <summary>The kind of store, from what the server says, else from the form of an experiment's id.</summary>
    public async ValueTask<StoreType> FindTypeAsync(string experimentId, CancellationToken cancellationToken)
    {
        var facts = await GetAsync(cancellationToken).ConfigureAwait(false);
        return facts.StoreType != StoreType.Unknown ? facts.StoreType : TypeFor(experimentId);
    }

    /// <summary>Whether models can be things of their own, as since MLflow 3; true where the server does not say how old it is.</summary>
    public async ValueTask<bool> MayHaveLoggedModelsAsync(CancellationToken cancellationToken)
    {
        var facts = await GetAsync(cancellationToken).ConfigureAwait(false);
        return facts.Version is not { } version || !int.TryParse(version.Split('.')[0], out var major) || major >= 3;
    }

    /// <summary>
    /// What an experiment's id tells of the store: it is a guess that is right for MLflow's own stores. The default experiment has the id 0
    /// in both, and Databricks has stores of its own.
    /// </summary>
    public StoreType TypeFor(string experimentId)
    {
        if (IsDatabricks(server.Host) || !experimentId.All(char.IsAsciiDigit) || experimentId == "0")
        {
            return StoreType.Unknown;
        }

        return experimentId.Length switch
        {
            FolderIdLength => StoreType.Files,
            > 0 and <= LongestDatabaseId => StoreType.Sql,
            _ => StoreType.Unknown,
        };
    }

    public void Dispose() => _asking.Dispose();

    /// <summary>Null when it is worth asking again.</summary>
    private async Task<ServerFacts?> AskAsync(CancellationToken cancellationToken)
    {
        try
        {
            var info = await service.GetServerInfoAsync(cancellationToken).ConfigureAwait(false);
            var version = await service.GetVersionAsync(cancellationToken).ConfigureAwait(false);
            var type = info?.StoreType switch { "SqlStore" => StoreType.Sql, "FileStore" => StoreType.Files, _ => StoreType.Unknown };
            return new ServerFacts(version, type, info?.WorkspacesEnabled ?? false);
        }
        catch (ModelTrackException e)
        {
            // Where a proxy forbids these routes it will go on to.
            return e.IsTransient || e.StatusCode == HttpStatusCode.Unauthorized ? null : ServerFacts.None;
        }
    }

    private static bool IsDatabricks(string host)
        => host.Split('.').Any(part => part.Equals("databricks", StringComparison.OrdinalIgnoreCase)
            || part.Equals("azuredatabricks", StringComparison.OrdinalIgnoreCase));
}
