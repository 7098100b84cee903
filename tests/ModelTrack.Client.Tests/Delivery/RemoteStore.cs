using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Time.Testing;
using ModelTrack.Client.Backends;
using ModelTrack.Client.Backends.Memory;

namespace ModelTrack.Client.Tests.Delivery;

/// <summary>
/// A store that gives the ids and can be out of reach, and the trackers of it, which share a place for journals. What a test puts in the
/// way is called before (or, where it says so, after) a call does its work.
/// </summary>
internal sealed class RemoteStore : IDisposable
{
    private readonly ScratchFolder _scratch = new();
    private readonly MemoryBackend _store;

    public RemoteStore() => _store = new MemoryBackend(Clock);

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)) { AutoAdvanceAmount = TimeSpan.Zero };

    public ITrackingBackend Inside => _store;

    public string Journals => _scratch["journals"];

    public ScratchFolder Scratch => _scratch;

    public Func<string, CancellationToken, Task> Before { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>Called when the work is done and before the answer.</summary>
    public Action<string> After { get; set; } = _ => { };

    /// <summary>Called with each batch before it is stored.</summary>
    public Func<RunBatch, Task> OnBatch { get; set; } = _ => Task.CompletedTask;

    public ConcurrentQueue<string> Calls { get; } = [];

    public bool IsAway
    {
        set => Before = value ? (_, _) => throw Away() : (_, _) => Task.CompletedTask;
    }

    public static ModelTrackException Away(bool mayBeApplied = false) => new(ErrorCode.TemporarilyUnavailable, "The server cannot be reached.")
    {
        IsTransient = true,
        MayBeApplied = mayBeApplied,
    };

    public static ModelTrackException No(HttpStatusCode status, string message = "no") => new(ErrorCode.InvalidParameterValue, message)
    {
        StatusCode = status,
        IsServersWord = true,
    };

    public Tracker Open(Action<TrackerOptions>? configure = null, TrackingEnvironment? environment = null)
    {
        var options = new TrackerOptions
        {
            TrackingUri = "memory:",
            TimeProvider = Clock,
            CaptureContext = false,
            JournalDirectory = Journals,
            JournalSegmentSize = 1 << 16,
            ShutdownTimeout = TimeSpan.Zero,
        };
        configure?.Invoke(options);
        return new Tracker(options, environment ?? StoreUnderTest.NoVariables, _ => new RemoteBackend(this));
    }

    /// <summary>Lets the clock run until something has happened that waits for it.</summary>
    public async Task<T> AdvanceUntil<T>(Task<T> task)
    {
        while (!task.IsCompleted)
        {
            Clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }

        return await task;
    }

    public Task<DeliveryReport> FlushAsync(Tracker tracker) => AdvanceUntil(tracker.FlushAsync());

    public async Task<List<RunSnapshot>> RunsAsync(string experiment = "e")
    {
        var found = await _store.FindExperimentAsync(experiment, default);
        var query = new RunQuery { ExperimentIds = [found?.Id ?? "none"], OrderBy = ["start_time"], View = ViewType.All };
        return found is null ? [] : [.. (await _store.SearchRunsAsync(query, null, default)).Items];
    }

    public async Task<long[]> StepsAsync(string runId, string key = "loss")
    {
        var steps = new List<long>();
        await foreach (var point in _store.GetMetricHistoryAsync(runId, key, default))
        {
            steps.Add(point.Step);
        }

        return [.. steps];
    }

    public void Dispose() => _scratch.Dispose();

    public async Task CallAsync(string name, CancellationToken cancellationToken)
    {
        Calls.Enqueue(name);
        await Before(name, cancellationToken).WaitAsync(cancellationToken);
    }
}
