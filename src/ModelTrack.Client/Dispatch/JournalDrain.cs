using Microsoft.Extensions.Logging;
using ModelTrack.Client.Backends;
using ModelTrack.Client.Journal;

namespace ModelTrack.Client.Dispatch;

/// <summary>
/// Carries one journal's records to the backend. A run whose batch fails is set aside and tried again later from where it failed; the
/// others go on. What is settled is known to the journal, so that going back over it costs a look and repeats nothing.
/// </summary>
internal sealed class JournalDrain : IDisposable
{
    /// <summary>How often a failure that nobody foresaw is taken for one that passes.</summary>
    private const int UnforeseenTries = 5;

    private readonly ITrackingBackend _backend;
    private readonly RejectionLog _rejections;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly ChunkReader _reader;
    private readonly NoteSlots _notes;
    private readonly List<RunSlice> _slices = [];
    private readonly Dictionary<JournalRun, BlockedRun> _blocked = [];
    private JournalPosition _cursor;

    public JournalDrain(SegmentLog log, ITrackingBackend backend, BatchLimits limits, RejectionLog rejections, TimeProvider clock, ILogger logger)
    {
        Log = log;
        _backend = backend;
        _rejections = rejections;
        _clock = clock;
        _logger = logger;
        _reader = new ChunkReader(log, limits);
        _notes = new NoteSlots(log.Files);
    }

    public SegmentLog Log { get; }

    /// <summary>All before it has been read; what of it is not settled belongs to blocked runs.</summary>
    public JournalPosition Cursor => _cursor;

    public bool IsBlocked => _blocked.Count > 0;

    /// <summary>How long until a blocked run is due; null when none is blocked.</summary>
    public TimeSpan? NextTry
    {
        get
        {
            if (_blocked.Count == 0)
            {
                return null;
            }

            var wait = _blocked.Values.Min(blocked => blocked.Wait - _clock.GetElapsedTime(blocked.FailedAt));
            return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
        }
    }

    /// <summary>Whether everything before a position is settled, of all runs or of one.</summary>
    public bool IsSettledTo(JournalPosition position, JournalRun? only = null)
        => _cursor >= position && _blocked.Values.All(blocked => blocked.ResumeAt >= position || (only is not null && blocked.Run != only));

    /// <summary>Makes the blocked runs due now: somebody waits for them.</summary>
    public void RetryNow()
    {
        foreach (var blocked in _blocked.Values)
        {
            blocked.Wait = TimeSpan.Zero;
        }
    }

    /// <summary>Delivers the next chunk, and what is due of blocked runs. False when there was nothing to do.</summary>
    public async Task<bool> StepAsync(CancellationToken cancellationToken)
    {
        var worked = false;
        foreach (var blocked in _blocked.Values.ToList())
        {
            if (_clock.GetElapsedTime(blocked.FailedAt) >= blocked.Wait)
            {
                worked = true;
                await CatchUpAsync(blocked, cancellationToken).ConfigureAwait(false);
            }
        }

        if (_reader.Read(ref _cursor, _slices, run => !_blocked.ContainsKey(run)))
        {
            worked = true;
            await DeliverSlicesAsync(cancellationToken).ConfigureAwait(false);
        }

        if (worked)
        {
            Log.DropSettled();
        }

        return worked;
    }

    public void Dispose() => _notes.Dispose();

    private async Task CatchUpAsync(BlockedRun blocked, CancellationToken cancellationToken)
    {
        var position = blocked.ResumeAt;
        while (position < _cursor)
        {
            var before = position;
            if (!_reader.Read(ref position, _slices, run => run == blocked.Run))
            {
                break;
            }

            if (!await DeliverSlicesAsync(cancellationToken, blocked).ConfigureAwait(false))
            {
                blocked.ResumeAt = before;
                return;
            }
        }

        // The last chunk may have gone beyond the cursor; what it delivered there is settled, and the cursor's own pass sees that.
        _blocked.Remove(blocked.Run);
    }

    private async Task<bool> DeliverSlicesAsync(CancellationToken cancellationToken, BlockedRun? catchingUp = null)
    {
        var all = true;
        try
        {
            foreach (var slice in _slices)
            {
                if ((catchingUp is not null || !_blocked.ContainsKey(slice.Run))
                    && !await TryDeliverAsync(slice, catchingUp, cancellationToken).ConfigureAwait(false))
                {
                    all = false;
                    if (catchingUp is not null)
                    {
                        break;
                    }
                }
            }
        }
        finally
        {
            _reader.Return(_slices);
        }

        return all;
    }

    /// <summary>Stores one batch and settles it; false when it has to be tried again, and its run is blocked until then.</summary>
    private async Task<bool> TryDeliverAsync(RunSlice slice, BlockedRun? blocked, CancellationToken cancellationToken)
    {
        var run = slice.Run;
        slice.Batch.NoteAppends = lengths =>
            _notes.Write(run, slice.Segment.Number, slice.From, slice.To, lengths);
        slice.Segment.Hold();
        try
        {
            IReadOnlyList<Rejection> rejections;
            try
            {
                var refusals = await _backend.LogBatchAsync(slice.Batch, cancellationToken).ConfigureAwait(false);
                rejections = Rejections.Of(slice, refusals);
            }
            catch (ModelTrackException e)
            {
                rejections = Rejections.OfAll(slice, e.Message);
            }
            catch (Exception e) when (IsUnforeseen(e) && blocked?.UnforeseenFailures >= UnforeseenTries)
            {
                _logger.LogError(e, "Run {RunId}: {Count} records cannot be stored and are rejected", run.Definition.RunId, slice.Count);
                rejections = Rejections.OfAll(slice, $"{e.GetType().Name}: {e.Message}");
            }

            _rejections.Add(rejections);
            Log.Settle(slice.Segment, run, slice.To, slice.Count + slice.Unreadable - rejections.Count, rejections);
            _notes.Free(run);
            return true;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            Block(slice, blocked, e);
            return false;
        }
        finally
        {
            slice.Segment.Release();
        }
    }

    private static bool IsUnforeseen(Exception e) => e is not (IOException or UnauthorizedAccessException or OperationCanceledException);

    private void Block(RunSlice slice, BlockedRun? blocked, Exception reason)
    {
        if (blocked is null)
        {
            blocked = new BlockedRun(slice.Run, new JournalPosition(slice.Segment.Number, slice.From), new BackOff(Random.Shared));
            _blocked.Add(slice.Run, blocked);
        }

        blocked.UnforeseenFailures += IsUnforeseen(reason) ? 1 : 0;
        blocked.FailedAt = _clock.GetTimestamp();
        blocked.Wait = blocked.BackOff.Next();
        _logger.Log(
            blocked.BackOff.Failures == 1 ? LogLevel.Warning : LogLevel.Debug,
            new EventId(2, "DeliveryFailed"),
            reason,
            "Run {RunId}: {Count} records could not be stored; they are safe in the journal and tried again in {Wait}",
            slice.Run.Definition.RunId, slice.Count, blocked.Wait);
    }
}
