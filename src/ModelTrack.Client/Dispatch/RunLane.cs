using ModelTrack.Client.Journal;

namespace ModelTrack.Client.Dispatch;

/// <summary>
/// A run that has something on its way: batches that were read and wait, one of them at most being sent, and where to read on when the
/// rest was not kept. Used by the dispatcher's loop alone; a sender touches it only while <see cref="IsSending"/>.
/// </summary>
internal sealed class RunLane(JournalRun run)
{
    private readonly Queue<RunSlice> _waiting = [];

    public JournalRun Run => run;

    /// <summary>The batches that wait, the one that is being sent in front.</summary>
    public Queue<RunSlice> Waiting => _waiting;

    /// <summary>How many records wait.</summary>
    public int Records { get; private set; }

    /// <summary>From here to the reader's cursor the run's records were passed over; null when none were.</summary>
    public JournalPosition? RereadFrom { get; set; }

    public bool IsSending { get; set; }

    /// <summary>The run is to be opened in the store, records or not.</summary>
    public bool IsToBeOpened { get; set; }

    /// <summary>So many of the next records may be in the store already.</summary>
    public int MayBeStored { get; set; }

    /// <summary>How long the try that may have stored them may still be under way; see <see cref="LateAnswer"/>.</summary>
    public LateWait? Late { get; set; }

    public BackOff BackOff { get; set; } = new(Random.Shared);

    /// <summary>How many tries failed in a way that nobody foresaw.</summary>
    public int UnforeseenFailures { get; set; }

    /// <summary>How many tries of the batch in front, which has files, the store answered without taking them.</summary>
    public int AnsweredUploads { get; set; }

    /// <summary>See <see cref="Backends.RunBatch.LoneFailures"/>, of the batch in front.</summary>
    public int LoneFailures { get; set; }

    /// <summary>On the clock's timestamp scale.</summary>
    public long FailedAt { get; set; }

    /// <summary>How long after <see cref="FailedAt"/> it is tried again; null when the latest try did not fail.</summary>
    public TimeSpan? Wait { get; set; }

    public bool IsIdle => !IsSending && !IsToBeOpened && _waiting.Count == 0 && RereadFrom is null;

    /// <summary>The first of its records that are not settled; null when there is none.</summary>
    public JournalPosition? Unsettled
        => IsToBeOpened ? JournalPosition.Start
            : _waiting.TryPeek(out var next) ? new JournalPosition(next.Segment.Number, next.From)
            : RereadFrom;

    public void Add(RunSlice slice)
    {
        _waiting.Enqueue(slice);
        Records += slice.Count;
    }

    public RunSlice Take()
    {
        var slice = _waiting.Dequeue();
        Records -= slice.Count;
        return slice;
    }

    public TimeSpan? TimeToTry(TimeProvider clock) => Wait is not { } wait
        ? null
        : wait - clock.GetElapsedTime(FailedAt) is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;
}
