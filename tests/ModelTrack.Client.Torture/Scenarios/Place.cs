using ModelTrack.Client.Fakes;
using ModelTrack.Client.Torture.Checking;
using ModelTrack.Client.Torture.Network;

namespace ModelTrack.Client.Torture.Scenarios;

/// <summary>A store that is tortured: where writers reach it, what stands in the way, and how it is read at the end.</summary>
internal sealed class Place : IAsyncDisposable
{
    private Func<Tracker, Task<List<StoredRun>>> _read = null!;
    private FakeServer? _server;

    /// <summary>What writers are told.</summary>
    public required string TrackingUri { get; init; }

    public required StoreHabits Habits { get; init; }

    /// <summary>Null where nothing is between writers and store.</summary>
    public Outages? Outages { get; private init; }

    public string Experiment { get; private init; } = "torture";

    public static Place Folder(ScratchFolder scratch)
    {
        var folder = scratch.Folder("mlruns");
        return new Place
        {
            TrackingUri = folder,
            Habits = new StoreHabits(IsDatabase: false, KeepsOrder: true),
            _read = _ => Task.FromResult(FolderReader.Read(folder).ToList()),
        };
    }

    public static async Task<Place> ServerAsync(StoreSemantics semantics, int seed)
    {
        var server = await FakeServer.StartAsync(new FakeServerOptions { Semantics = semantics });
        server.RecordsRequests = false;
        var outages = new Outages(server.Url, seed);
        return new Place
        {
            TrackingUri = outages.Url.AbsoluteUri,
            Habits = new StoreHabits(IsDatabase: semantics == StoreSemantics.Sql, KeepsOrder: true),
            Outages = outages,
            _server = server,
            _read = _ => Task.FromResult(FakeServerReader.Read(server).ToList()),
        };
    }

    public static Place Live(Uri server, int seed)
    {
        // Nothing can be put in the way of a connection that is encrypted.
        var outages = server.Scheme == Uri.UriSchemeHttp ? new Outages(server, seed) : null;
        var experiment = $"torture {seed} {DateTime.UtcNow:yyyy-MM-dd HH:mm:ss}";
        return new Place
        {
            TrackingUri = (outages?.Url ?? server).AbsoluteUri,
            Habits = new StoreHabits(IsDatabase: true, KeepsOrder: false),
            Outages = outages,
            Experiment = experiment,
            _read = tracker => LiveReader.ReadAsync(tracker, experiment),
        };
    }

    public Task<List<StoredRun>> ReadAsync(Tracker tracker) => _read(tracker);

    public async ValueTask DisposeAsync()
    {
        if (Outages is not null)
        {
            await Outages.DisposeAsync();
        }

        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }
}
