using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using ModelTrack.Client.Backends;
using ModelTrack.Client.Journal;
using ModelTrack.Client.Lifetime;

namespace ModelTrack.Client.Dispatch;

/// <summary>
/// What carries records from the journals (first those left by dead processes, then the tracker's own) to the backend. One loop; it ends
/// only when it is told to. It has a thread of its own: those of the pool may all be busy with the training. (A server cannot be spoken to
/// without them, a folder can be written.)
/// </summary>
internal sealed class Dispatcher : IDisposable
{
    /// <summary>How long records may gather before they are carried off, when nobody waits for them.</summary>
    private static readonly TimeSpan LocalLinger = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan RemoteLinger = TimeSpan.FromMilliseconds(250);

    /// <summary>Some two thousand points.</summary>
    private const int ManyBytes = 1 << 16;

    /// <summary>
    /// How many journals of dead processes are open at once, of which each takes memory and handles of files; the next is taken over when
    /// one is done with. Those that are stuck while the store is there must not keep the others from their turn, up to a limit.
    /// </summary>
    private const int MaxActive = 16;
    private const int MaxAdopted = 256;

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
    private readonly WakeSignal _wake = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly object _gate = new();
    private readonly LateWait _lateOfListed = LateAnswer.OfTheDead();
    private IEnumerator<DeadJournal>? _dead;
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

    public void Start()
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _loop = ended.Task;
        var thread = new Thread(() =>
        {
            try
            {
                Run();
                ended.SetResult();
            }
            catch (Exception e)
            {
                // Whoever stops it is told. What a thread does not catch ends the process.
                ended.SetException(e);
            }
        })
        {
            IsBackground = true,
            Name = "ModelTrack dispatcher",
        };

        // What flows with the first caller (its activity, its logging scope) is not the dispatcher's.
        thread.UnsafeStart();
    }

    /// <summary>Ends when everything logged before the call is settled, adopted journals included unless they are stuck.</summary>
    public Task FlushAsync(CancellationToken cancellationToken) => FlushAsync(null, cancellationToken);

    /// <summary>Ends when everything logged to a run before the call is settled.</summary>
    public async Task FlushAsync(JournalRun? run, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var request = BeginFlush(run);
        try
        {
            await request.Done.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            EndFlush(request);
        }
    }

    /// <summary>As <see cref="FlushAsync(JournalRun?, CancellationToken)"/>, for who waits on a thread of its own; see <see cref="EndFlush"/>.</summary>
    public FlushRequest BeginFlush(JournalRun? run)
    {
        var request = new FlushRequest(_journal.Log.End, run);
        lock (_gate)
        {
            _flushes.Add(request);
        }

        _wake.Raise();
        return request;
    }

    /// <summary>Nobody waits for it any more.</summary>
    public void EndFlush(FlushRequest request)
    {
        lock (_gate)
        {
            _flushes.Remove(request);
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
            var sum = Sum(own, _finishedAdopted);
            foreach (var adopted in _adopted)
            {
                sum = Sum(sum, ReportOf(adopted.Journal.Log));
            }

            return sum;
        }
    }

    /// <summary>Ends the loop. What is not settled stays in the journals.</summary>
    public Task StopAsync()
    {
        _stop.Cancel();
        return _loop;
    }

    public void Dispose()
    {
        _own.Dispose();
        _stop.Dispose();
    }

    private void Run()
    {
        var cancellationToken = _stop.Token;
        _dead = _adopt().GetEnumerator();
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                _wake.Reset();
                if (!Step(cancellationToken))
                {
                    Wait(cancellationToken);
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
                Pause(AfterFault, cancellationToken);
            }
        }

        Blocking.Wait(new ValueTask(FinishAsync(cancellationToken)));
    }

    private void Pause(TimeSpan time, CancellationToken cancellationToken)
    {
        try
        {
            Blocking.Pause(time, _clock, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The loop sees it.
        }
    }

    private async Task FinishAsync(CancellationToken cancellationToken)
    {
        _dead?.Dispose();
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

    /// <summary>Takes over the next journals that dead processes left, as many as may be open at once.</summary>
    private void AdoptSome()
    {
        // One for all that were dead at the start, and one for those that are taken over together and may have died just now.
        var late = LateAnswer.OfTheDead();
        try
        {
            while (_dead is not null && HasRoomToAdopt)
            {
                if (_dead.MoveNext())
                {
                    Adopt(_dead.Current, _dead.Current.WasDeadWhenListed ? _lateOfListed : late);
                }
                else
                {
                    _dead = null;
                }
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            _dead = null;
            _logger.LogError(e, "Journals left by other processes could not be looked for");
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

    private bool HasRoomToAdopt
        => _adopted.Count < MaxAdopted && _adopted.Count(adopted => _slots.IsAway || !adopted.IsStuck) < MaxActive;

    private bool Step(CancellationToken cancellationToken)
    {
        AdoptSome();
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
        return worked || (_dead is not null && HasRoomToAdopt);
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

    /// <summary>Those that have had no turn yet, because others are stuck before them, are waited for no more than these.</summary>
    private bool AreAdoptedDoneOrStuck => (_dead is null || !HasRoomToAdopt) && _adopted.TrueForAll(adopted => adopted.IsStuck);

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

                if (_own.IsSettledTo(request.Position, request.Run) && (request.Run is not null || AreAdoptedDoneOrStuck))
                {
                    request.Done.TrySetResult();
                }
            }
        }
    }

    private void Wait(CancellationToken cancellationToken)
    {
        var retry = _own.NextTry;
        foreach (var adopted in _adopted)
        {
            retry = Earlier(retry, adopted.NextTry(_clock));
        }

        if (!_journal.WaitForRecords(_own.Cursor) && _own.CanRead)
        {
            _gathersSince ??= _clock.GetTimestamp();
            var gather = Linger - _clock.GetElapsedTime(_gathersSince.Value);
            retry = retry < gather ? retry : gather > TimeSpan.Zero ? gather : TimeSpan.Zero;
        }

        _wake.Wait(retry, _clock, cancellationToken);
    }

    private static TimeSpan? Earlier(TimeSpan? left, TimeSpan? right) => left is null || right < left ? right : left;

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
