using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using ModelTrack.Client.Backends;
using ModelTrack.Client.Journal;

namespace ModelTrack.Client.Dispatch;

/// <summary>
/// Carries one journal's records to the backend: one batch of a run at a time, the runs side by side as far as <see cref="SendSlots"/>
/// allow. A run whose batch fails is set aside and tried again later from where it failed; the others go on. What is settled is known to
/// the journal, so that going back over it costs a look and repeats nothing. Everything but the sends runs on the dispatcher's loop.
/// </summary>
internal sealed partial class JournalDrain : IDisposable
{
    /// <summary>How often a failure that nobody foresaw is taken for one that passes.</summary>
    private const int UnforeseenTries = 5;

    /// <summary>How many records are read ahead of what is stored, in all; and how many batches of one run.</summary>
    private const int MaxRecordsAhead = 1 << 17;
    private const int MaxBatchesAhead = 16;

    private readonly ITrackingBackend _backend;
    private readonly ArtifactStage _stage;
    private readonly SendSlots _slots;
    private readonly RejectionLog _rejections;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly Action _completed;
    private readonly ChunkReader _reader;
    private readonly NoteSlots _notes;
    private readonly SliceSender _sender;
    private readonly ModelPublisher _models;
    private readonly LateWait? _late;
    private readonly List<RunSlice> _slices = [];
    private readonly Dictionary<JournalRun, RunLane> _lanes = [];
    private readonly Queue<RunLane> _turns = [];
    private readonly ConcurrentQueue<JournalRun> _toOpen = [];
    private readonly ConcurrentQueue<SendOutcome> _outcomes = [];
    private readonly HashSet<Task> _sending = [];
    private readonly HashSet<int> _known = [];
    private JournalPosition _cursor;
    private int _recordsAhead;

    /// <param name="log">The journal's.</param>
    /// <param name="stage">Where its files wait.</param>
    /// <param name="context">What all drains share.</param>
    /// <param name="late">Of what a dead process had under way; null for the tracker's own journal.</param>
    public JournalDrain(SegmentLog log, ArtifactStage stage, DeliveryContext context, LateWait? late)
    {
        Log = log;
        _stage = stage;
        _late = late;
        _backend = context.Backend;
        _slots = context.Slots;
        _rejections = context.Rejections;
        _clock = context.Clock;
        _logger = context.Logger;
        _completed = context.Completed;
        _reader = new ChunkReader(log, context.Backend.Limits);
        _models = context.Models;
        _notes = new NoteSlots(log.Files);
        _sender = new SliceSender(context.Backend, context.Opener, context.Models, stage, context.Clock, context.Logger);
    }

    public SegmentLog Log { get; }

    /// <summary>All before it has been read; what of it is not settled belongs to lanes.</summary>
    public JournalPosition Cursor => _cursor;

    /// <summary>The latest try of some run failed.</summary>
    public bool IsBlocked => _slots.IsAway || _lanes.Values.Any(lane => lane.Wait is not null);

    /// <summary>Whether more can be read at present.</summary>
    public bool CanRead => _recordsAhead < MaxRecordsAhead && !_slots.IsAway;

    /// <summary>How long until something can be sent; null when nothing is to be, or only the end of another send makes room for it.</summary>
    public TimeSpan? NextTry
    {
        get
        {
            TimeSpan? next = null;
            if (_slots.NextFree is { } free)
            {
                foreach (var lane in _lanes.Values)
                {
                    if (!lane.IsSending && !lane.IsIdle && !WaitsForParent(lane))
                    {
                        var due = lane.TimeToTry(_clock) is { } time && time > free ? time : free;
                        next = next < due ? next : due;
                    }
                }
            }

            return next;
        }
    }

    /// <summary>Whether everything before a position is settled, of all runs or of one.</summary>
    public bool IsSettledTo(JournalPosition position, JournalRun? only = null)
        => _cursor >= position
            && _toOpen.IsEmpty
            && (only is null
                ? _lanes.Values.All(lane => !(lane.Unsettled < position))
                : !_lanes.TryGetValue(only, out var its) || !(its.Unsettled < position));

    /// <summary>Makes what failed due now: somebody waits for it.</summary>
    public void RetryNow()
    {
        foreach (var lane in _lanes.Values.Where(lane => lane.Wait is not null))
        {
            lane.Wait = TimeSpan.Zero;
        }
    }

    /// <summary>The run is to be brought into the store, records or not. From any thread.</summary>
    public void Open(JournalRun run) => _toOpen.Enqueue(run);

    /// <summary>Settles what came back, sends what can be sent, and reads on if told to. False when there was nothing to do.</summary>
    public bool Step(bool read, CancellationToken cancellationToken)
    {
        var worked = TakeOpenings();
        bool moved;
        do
        {
            moved = TakeOutcomes();
            moved |= SendNext(cancellationToken);
            worked |= moved;
        }
        while (moved && !_outcomes.IsEmpty);

        if (read && CanRead && ReadOn())
        {
            SendNext(cancellationToken);
            worked = true;
        }

        if (worked)
        {
            Log.DropSettled();
        }

        return worked;
    }

    /// <summary>Ends when nothing is being sent any more. What came back is settled.</summary>
    public async Task FinishSendsAsync()
    {
        await Task.WhenAll(_sending).ConfigureAwait(false);
        TakeOutcomes();
        Log.DropSettled();
    }

    public void Dispose() => _notes.Dispose();

    private bool TakeOpenings()
    {
        var worked = false;
        while (_toOpen.TryDequeue(out var run))
        {
            worked = true;
            LaneOf(run).IsToBeOpened = true;
        }

        return worked;
    }

    private bool ReadOn()
    {
        foreach (var lane in _lanes.Values)
        {
            if (lane.RereadFrom is null && lane.Waiting.Count >= MaxBatchesAhead)
            {
                // It has enough; what comes now is read when that is stored.
                lane.RereadFrom = _cursor;
            }
        }

        if (!_reader.Read(ref _cursor, _slices, run => !_lanes.TryGetValue(run, out var lane) || lane.RereadFrom is null))
        {
            return false;
        }

        foreach (var slice in _slices)
        {
            Add(LaneOf(slice.Run), slice);
        }

        _slices.Clear();
        return true;
    }

    /// <summary>
    /// Reads on for a run that was set aside, and for all that have been read as far and have room: as a rule many runs have much on
    /// their way, and each would go through the records of all of them.
    /// </summary>
    private void ReadOn(RunLane lane)
    {
        var position = lane.RereadFrom!.Value;
        var together = _lanes.Values.Where(other => other == lane
            || (other.RereadFrom == position && other.Wait is null && other.Waiting.Count < MaxBatchesAhead)).ToDictionary(other => other.Run);
        var more = true;
        while (lane.Waiting.Count == 0 && more)
        {
            more = _reader.Read(ref position, _slices, together.ContainsKey, before: _cursor);
            _slices.ForEach(slice => Add(together[slice.Run], slice));
            _slices.Clear();
        }

        foreach (var other in together.Values)
        {
            other.RereadFrom = more && position < _cursor ? position : null;
        }
    }

    private void Add(RunLane lane, RunSlice slice)
    {
        lane.Add(slice);
        _recordsAhead += slice.Count;
        var run = lane.Run;
        slice.Batch.NoteAppends = lengths => _notes.Write(run, slice.Segment.Number, slice.From, slice.To, lengths);
    }

    private RunLane LaneOf(JournalRun run)
    {
        if (!_lanes.TryGetValue(run, out var lane))
        {
            // What a dead process had under way is at the front of each run, and at most the largest batch that it may have been told to send.
            lane = new RunLane(run);
            if (_late is not null && _known.Add(run.Number))
            {
                lane.MayBeStored = BatchLimits.LargestOfServers;
                lane.Late = _late;
            }

            _lanes.Add(run, lane);
            _turns.Enqueue(lane);
        }

        return lane;
    }

    /// <summary>Gives every lane its turn. True when something was sent.</summary>
    private bool SendNext(CancellationToken cancellationToken)
    {
        var sent = false;
        for (var left = _turns.Count; left > 0 && !cancellationToken.IsCancellationRequested; left--)
        {
            var lane = _turns.Dequeue();
            if (lane.IsIdle)
            {
                _lanes.Remove(lane.Run);
                continue;
            }

            _turns.Enqueue(lane);
            if (IsReady(lane) && _slots.TryTake())
            {
                sent |= Send(lane, cancellationToken);
            }
        }

        return sent;
    }

    private bool IsReady(RunLane lane)
        => !lane.IsSending && !(lane.TimeToTry(_clock) > TimeSpan.Zero) && !WaitsForParent(lane);

    /// <summary>
    /// A child is created when its parent has been. In the journal of a dead process a parent that has ended with all that belonged to it may
    /// look as if it had not: the segment that said its id is gone, and nothing is left that would open it again.
    /// </summary>
    private bool WaitsForParent(RunLane lane)
        => lane.Run.Definition.Plan?.ParentKey is { } key
            && Log.FindRun(key) is { Refusal: null, Definition.IsOpened: false } parent
            && !(parent.Ended && parent.Accepted == parent.Delivered + parent.Rejected);

    private bool Send(RunLane lane, CancellationToken cancellationToken)
    {
        if (lane.Waiting.Count == 0 && lane.RereadFrom is not null)
        {
            ReadOn(lane);
        }

        if (lane.Waiting.Count == 0 && !lane.IsToBeOpened)
        {
            _slots.Give();
            lane.Wait = null;
            return false;
        }

        lane.IsSending = true;
        var slice = lane.Waiting.TryPeek(out var next) ? next : null;

        // A disk is written to on the loop; bodies for a server are written side by side.
        var send = _backend.IsRemote
            ? Task.Run(() => _sender.SendAsync(lane, slice, cancellationToken), CancellationToken.None)
            : _sender.SendAsync(lane, slice, cancellationToken);
        if (send.IsCompleted)
        {
            _outcomes.Enqueue(send.GetAwaiter().GetResult());
            return true;
        }

        var taken = TakeBackAsync(send);
        lock (_sending)
        {
            _sending.Add(taken);
        }

        _ = taken.ContinueWith(
            done =>
            {
                lock (_sending)
                {
                    _sending.Remove(done);
                }
            },
            TaskScheduler.Default);
        return true;
    }

    private async Task TakeBackAsync(Task<SendOutcome> send)
    {
        _outcomes.Enqueue(await send.ConfigureAwait(false));
        _completed();
    }
}
