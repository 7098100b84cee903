using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using ModelTrack.Client.Backends;
using ModelTrack.Client.Journal;

namespace ModelTrack.Client.Dispatch;

/// <summary>
/// What carries records from the journals (first those left by dead processes, then the tracker's own) to the backend. One loop; it ends
/// only when it is told to.
/// </summary>
internal sealed class Dispatcher : IDisposable
{
    /// <summary>How long records may gather before they are carried off, when nobody waits for them.</summary>
    private static readonly TimeSpan LocalLinger = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan RemoteLinger = TimeSpan.FromMilliseconds(250);

    /// <summary>Some two thousand points.</summary>
    private const int ManyBytes = 1 << 16;

    private static readonly TimeSpan AfterFault = TimeSpan.FromSeconds(1);

    private readonly ITrackingBackend _backend;
    private readonly Journal.Journal _journal;
    private readonly Func<IEnumerable<DeadJournal>> _adopt;
    private readonly DeliveryContext _context;
    private readonly SendSlots _slots;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly JournalDrain _own;
    private readonly List<AdoptedJournal> _adopted = [];
    private readonly List<FlushRequest> _flushes = [];
    private readonly ConcurrentQueue<(DeadJournal Journal, TaskCompletionSource Settled)> _onDemand = [];
    private readonly Dictionary<DeadJournal, TaskCompletionSource> _awaited = [];
    private readonly AsyncSignal _wake = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly object _gate = new();
    private DeliveryReport _finishedAdopted = new();
    private Task _loop = Task.CompletedTask;
    private long? _gathersSince;

    public Dispatcher(
        ITrackingBackend backend,
        Journal.Journal journal,
        Func<IEnumerable<DeadJournal>> adopt,
        ExperimentResolver experiments,
        RejectionLog rejections,
        ModelPublisher models,
        TimeProvider clock,
        ILogger logger)
    {
        _backend = backend;
        _journal = journal;
        _adopt = adopt;
        _clock = clock;
        _logger = logger;
        _slots = new SendSlots(backend.ParallelRuns, clock);
        Opener = new RunOpener(backend, experiments, clock, logger, _stop.Token);
        _context = new DeliveryContext(backend, Opener, models, _slots, rejections, clock, logger, _wake.Raise);
        _own = new JournalDrain(journal.Log, journal.Stage, _context, late: null);
        journal.RecordArrived += _wake.Raise;
    }

    public RunOpener Opener { get; }

    private TimeSpan Linger => _backend.IsRemote ? RemoteLinger : LocalLinger;

    /// <summary>The latest try of some run failed.</summary>
    public bool IsStoreAway { get; private set; }

    public void Start() => _loop = Task.Run(RunAsync);

    /// <summary>Ends when everything logged before the call is settled, adopted journals included unless they are stuck.</summary>
    public Task FlushAsync(CancellationToken cancellationToken) => FlushAsync(null, cancellationToken);

    /// <summary>Ends when everything logged to a run before the call is settled.</summary>
    public async Task FlushAsync(JournalRun? run, CancellationToken cancellationToken)
    {
        var request = new FlushRequest(_journal.Log.End, run);
        lock (_gate)
        {
            _flushes.Add(request);
        }

        _wake.Raise();
        try
        {
            await request.Done.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            lock (_gate)
            {
                _flushes.Remove(request);
            }
        }
    }

    /// <summary>Brings a run into the store as soon as that can be done.</summary>
    public void Open(JournalRun run)
    {
        _own.Open(run);
        _wake.Raise();
    }

    /// <summary>Delivers a journal that was taken over on demand, and ends when it is settled.</summary>
    public async Task AdoptAsync(DeadJournal journal, CancellationToken cancellationToken)
    {
        var settled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _onDemand.Enqueue((journal, settled));
        _wake.Raise();
        await settled.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public DeliveryReport Report()
    {
        var own = ReportOf(_journal.Log);
        lock (_gate)
        {
            return _adopted.Select(adopted => ReportOf(adopted.Journal.Log)).Append(_finishedAdopted).Aggregate(own, Sum);
        }
    }

    /// <summary>Ends the loop. What is not settled stays in the journals.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
    }

    public void Dispose()
    {
        _own.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        var cancellationToken = _stop.Token;
        try
        {
            Adopt();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            _logger.LogError(e, "Journals left by other processes could not be looked for");
        }

        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                _wake.Reset();
                if (!Step(cancellationToken))
                {
                    await WaitAsync(cancellationToken).ConfigureAwait(false);
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e)
            {
                // The loop cannot die: what it cannot handle it reports, and goes on.
                _logger.LogError(e, "The dispatcher met an error and goes on");
                await Task.Delay(AfterFault, _clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        await _own.FinishSendsAsync().ConfigureAwait(false);
        foreach (var adopted in _adopted)
        {
            await adopted.StopAsync().ConfigureAwait(false);
        }

        while (_onDemand.TryDequeue(out var demand))
        {
            demand.Journal.Leave();
            demand.Settled.TrySetCanceled(cancellationToken);
        }

        foreach (var settled in _awaited.Values)
        {
            settled.TrySetCanceled(cancellationToken);
        }
    }

    private void Adopt()
    {
        var late = LateAnswer.OfTheDead();
        foreach (var journal in _adopt())
        {
            Adopt(journal, late);
        }
    }

    private void Adopt(DeadJournal journal, LateWait late)
    {
        _logger.LogInformation(
            "Took over the journal at {Location} of process {ProcessId}: {Count} records to deliver",
            journal.Log.Files!.Location, journal.Owner.ProcessId, journal.Log.Accepted);
        if (journal.Orphans > 0)
        {
            _logger.LogWarning("{Count} records of it belong to no readable run and are lost", journal.Orphans);
        }

        var drain = new JournalDrain(journal.Log, ArtifactStage.Of(journal.Log.Files!, _clock), _context, late);
        foreach (var run in journal.Log.Runs.Where(run => !run.Ended && !run.Definition.IsOpened))
        {
            run.LateCreation = late;
            drain.Open(run);
        }

        lock (_gate)
        {
            _adopted.Add(new AdoptedJournal(journal, drain));
        }
    }

    private bool Step(CancellationToken cancellationToken)
    {
        var worked = false;
        while (_onDemand.TryDequeue(out var demand))
        {
            worked = true;
            Adopt(demand.Journal, LateAnswer.OfTheDead());
            _awaited.Add(demand.Journal, demand.Settled);
        }

        foreach (var adopted in _adopted.ToList())
        {
            var (didWork, isFinished) = adopted.Step(_backend, _clock, _logger, _wake.Raise, cancellationToken);
            worked |= didWork;
            if (isFinished)
            {
                lock (_gate)
                {
                    _adopted.Remove(adopted);
                    _finishedAdopted = Sum(_finishedAdopted, ReportOf(adopted.Journal.Log));
                }

                if (_awaited.Remove(adopted.Journal, out var settled))
                {
                    settled.TrySetResult();
                }
            }
        }

        worked |= _own.Step(IsTimeToRead(), cancellationToken);
        IsStoreAway = _slots.IsAway || _own.IsBlocked || _adopted.Exists(adopted => adopted.IsStuck);
        CompleteFlushes();
        return worked;
    }

    /// <summary>
    /// Records gather for a moment before they are read, so that batches are worth their while; not when somebody waits, nor when there are
    /// many.
    /// </summary>
    private bool IsTimeToRead()
    {
        var end = _journal.Log.End;
        var cursor = _own.Cursor;
        if (cursor >= end)
        {
            _gathersSince = null;
            return false;
        }

        if (end.Segment != cursor.Segment || end.Offset - cursor.Offset >= ManyBytes || IsAwaited())
        {
            return true;
        }

        _gathersSince ??= _clock.GetTimestamp();
        return _clock.GetElapsedTime(_gathersSince.Value) >= Linger;
    }

    private bool IsAwaited()
    {
        lock (_gate)
        {
            return _flushes.Exists(request => !request.Done.Task.IsCompleted && !_own.IsSettledTo(request.Position, request.Run));
        }
    }

    private void CompleteFlushes()
    {
        lock (_gate)
        {
            foreach (var request in _flushes)
            {
                if (!request.SawRetry)
                {
                    // Somebody waits: what is set aside gets its chance now.
                    request.SawRetry = true;
                    if (IsStoreAway)
                    {
                        _slots.RetryNow();
                        _own.RetryNow();
                        _adopted.ForEach(adopted => adopted.RetryNow());
                        _wake.Raise();
                        continue;
                    }
                }

                if (_own.IsSettledTo(request.Position, request.Run) && (request.Run is not null || _adopted.TrueForAll(adopted => adopted.IsStuck)))
                {
                    request.Done.TrySetResult();
                }
            }
        }
    }

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        var retry = _adopted.Select(adopted => adopted.NextTry(_clock)).Append(_own.NextTry).Min();
        if (!_journal.WaitForRecords(_own.Cursor) && _own.CanRead)
        {
            _gathersSince ??= _clock.GetTimestamp();
            var gather = Linger - _clock.GetElapsedTime(_gathersSince.Value);
            retry = retry < gather ? retry : gather > TimeSpan.Zero ? gather : TimeSpan.Zero;
        }

        await _wake.WaitAsync(retry, _clock, cancellationToken).ConfigureAwait(false);
    }

    private static DeliveryReport ReportOf(SegmentLog log)
    {
        lock (log.Gate)
        {
            return new DeliveryReport
            {
                Accepted = log.Accepted,
                Delivered = log.Delivered,
                Rejected = log.Rejected,
                Rejections = [.. log.Runs.SelectMany(run => run.Rejections).Take(DeliveryReport.MaxRejections)],
            };
        }
    }

    private static DeliveryReport Sum(DeliveryReport left, DeliveryReport right) => new()
    {
        Accepted = left.Accepted + right.Accepted,
        Delivered = left.Delivered + right.Delivered,
        Rejected = left.Rejected + right.Rejected,
        Rejections = [.. left.Rejections.Concat(right.Rejections).Take(DeliveryReport.MaxRejections)],
    };
}
