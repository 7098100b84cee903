using ModelTrack.Client.Backends;
using ModelTrack.Client.Tests.Backends.Files;

namespace ModelTrack.Client.Tests.Sync;

/// <summary>Stores to copy from and to, gone after the test.</summary>
internal sealed class SyncStand : IDisposable
{
    private readonly List<Tracker> _trackers = [];

    public ScratchFolder Scratch { get; } = new();

    /// <summary>A copy of the store that MLflow wrote.</summary>
    public Tracker OpenFixture()
    {
        var store = TempStore.OfFixture();
        Directory.Move(store.Root, Scratch["fixture"]);
        store.Dispose();
        return Open(Scratch["fixture"]);
    }

    /// <summary>A folder, new or not.</summary>
    public Tracker OpenFolder(string name) => Open(Scratch[name]);

    public Tracker Open(string uri, Func<TimeProvider, ITrackingBackend>? open = null)
    {
        var options = new TrackerOptions
        {
            TrackingUri = uri,
            CaptureContext = false,
            JournalDirectory = Scratch["journals"],
            ModelCacheDirectory = Scratch["cache"],
            JournalSegmentSize = 1 << 16,
        };
        var tracker = new Tracker(options, StoreUnderTest.NoVariables, open);
        _trackers.Add(tracker);
        return tracker;
    }

    public void Dispose()
    {
        foreach (var tracker in _trackers)
        {
            tracker.Dispose();
        }

        Scratch.Dispose();
    }
}
