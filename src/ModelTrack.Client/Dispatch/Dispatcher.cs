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
    private static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan AfterFault = TimeSpan.FromSeconds(1);

    private readonly ITrackingBackend _backend;
    private readonly Journal.Journal _journal;
    private readonly Func<IEnumerable<DeadJournal>> _adopt;
    private readonly BatchLimits _limits;
    private readonly RejectionLog _rejections;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly JournalDrain _own;
    private readonly List<AdoptedJournal> _adopted = [];
    private readonly List<FlushRequest> _flushes = [];
    private readonly AsyncSignal _records = new();
    private readonly AsyncSignal _flush = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly object _gate = new();
    private DeliveryReport _finishedAdopted = new();
    private Task _loop = Task.CompletedTask;

    public Dispatcher(
        ITrackingBackend backend,
        Journal.Journal journal,
        Func<IEnumerable<DeadJournal>> adopt,
        BatchLimits limits,
        RejectionLog rejections,
        TimeProvider clock,
        ILogger logger)
    {
        _backend = backend;
        _journal = journal;
        _adopt = adopt;
        _limits = limits;
        _rejections = rejections;
        _clock = clock;
        _logger = logger;
        _own = new JournalDrain(journal.Log, backend, limits, rejections, clock, logger);
        journal.RecordArrived += _records.Raise;
    }

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

        _flush.Raise();
        _records.Raise();
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
                _records.Reset();
                _flush.Reset();
                if (!await StepAsync(cancellationToken).ConfigureAwait(false))
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

        foreach (var adopted in _adopted)
        {
            adopted.Drain.Dispose();
            adopted.Journal.Leave();
        }
    }

    private void Adopt()
    {
        foreach (var journal in _adopt())
        {
            _logger.LogInformation(
                "Took over the journal at {Location} of process {ProcessId}: {Count} records to deliver",
                journal.Log.Files!.Location, journal.Owner.ProcessId, journal.Log.Accepted);
            if (journal.Orphans > 0)
            {
                _logger.LogWarning("{Count} records of it belong to no readable run and are lost", journal.Orphans);
            }

            lock (_gate)
            {
                _adopted.Add(new AdoptedJournal(journal, new JournalDrain(journal.Log, _backend, _limits, _rejections, _clock, _logger)));
            }
        }
    }

    private async Task<bool> StepAsync(CancellationToken cancellationToken)
    {
        var worked = false;
        foreach (var adopted in _adopted.ToList())
        {
            var (didWork, isFinished) = await adopted.StepAsync(_backend, _clock, _logger, cancellationToken).ConfigureAwait(false);
            worked |= didWork;
            if (isFinished)
            {
                lock (_gate)
                {
                    _adopted.Remove(adopted);
                    _finishedAdopted = Sum(_finishedAdopted, ReportOf(adopted.Journal.Log));
                }
            }
        }

        worked |= await _own.StepAsync(cancellationToken).ConfigureAwait(false);
        IsStoreAway = _own.IsBlocked || _adopted.Exists(adopted => adopted.IsStuck);
        CompleteFlushes();
        return worked;
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
                        _own.RetryNow();
                        _adopted.ForEach(adopted => adopted.RetryNow());
                        _records.Raise();
                        _flush.Raise();
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
        if (_journal.WaitForRecords(_own.Cursor))
        {
            await _records.WaitAsync(retry, _clock, cancellationToken).ConfigureAwait(false);
        }

        bool hurry;
        lock (_gate)
        {
            hurry = _flushes.Exists(request => !request.Done.Task.IsCompleted && !_own.IsSettledTo(request.Position, request.Run));
        }

        if (!hurry)
        {
            await _flush.WaitAsync(Linger, _clock, cancellationToken).ConfigureAwait(false);
        }
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
