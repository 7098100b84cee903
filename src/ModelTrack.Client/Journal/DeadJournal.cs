using Microsoft.Extensions.Logging;

namespace ModelTrack.Client.Journal;

/// <summary>The journal of a process that is gone, taken over under its lock: what is left to deliver, and which runs were left open.</summary>
internal sealed class DeadJournal
{
    private readonly JournalLock _lock;
    private readonly HashSet<int> _signalledIn = [];

    /// <summary>A run's record came after other records of the run, or not at all in its segment: it was damaged.</summary>
    private bool _isOutOfOrder;

    private DeadJournal(JournalFiles files, JournalLock heldLock, JournalOwner owner)
    {
        Log = new SegmentLog(files) { Releasing = CanGo };
        _lock = heldLock;
        Owner = owner;
    }

    public SegmentLog Log { get; }

    public JournalOwner Owner { get; }

    /// <summary>A signal that ends processes came before the journal was left.</summary>
    public bool SignalCame { get; private set; }

    /// <summary>Its process was gone already when the journals were listed, and did not die while others had their turn.</summary>
    public bool WasDeadWhenListed { get; internal set; }

    /// <summary>Records of runs whose own record is damaged: they belong nowhere.</summary>
    public int Orphans { get; private set; }

    /// <summary>Takes over all that can be: of this machine, for the destination or inside its store, not in use. Oldest first.</summary>
    /// <param name="place">Where.</param>
    /// <param name="destination">What they have to be for.</param>
    /// <param name="own">The tracker's own journal, which is not looked at.</param>
    /// <param name="logger">Hears of those that cannot be read.</param>
    public static IEnumerable<DeadJournal> AdoptAll(JournalPlace place, string destination, JournalFiles? own, ILogger logger)
    {
        var listed = JournalFiles.ListWithOwners(place, own?.Id);
        return listed.Count == 0 ? [] : AdoptAll(listed, place.InsideStore ? null : destination, logger);
    }

    private static IEnumerable<DeadJournal> AdoptAll(
        IReadOnlyList<(JournalFiles Files, JournalOwner? Owner)> listed, string? destination, ILogger logger)
    {
        // Asked before the first is taken over: which of them have died since then is another question.
        var wasDead = listed.Select(entry => entry.Owner?.IsKnownDead == true).ToList();
        for (var i = 0; i < listed.Count; i++)
        {
            var files = listed[i].Files;
            DeadJournal? journal = null;
            try
            {
                journal = TryAdopt(files, destination, ofAnyMachine: false);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                logger.LogWarning(e, "The journal at {Location} cannot be read and is left as it is", files.Location);
            }

            if (journal is not null)
            {
                journal.WasDeadWhenListed = wasDead[i];
                yield return journal;
            }
        }
    }

    /// <summary>Gives the journal back as it is, for a later try.</summary>
    public void Leave()
    {
        Log.CloseSegments();
        _lock.Dispose();
    }

    /// <summary>Removes the journal, in which everything is settled.</summary>
    public void Delete()
    {
        Log.CloseSegments();
        Log.Files!.DeleteAll(_lock);
    }

    /// <param name="files">The journal's.</param>
    /// <param name="destination">
    /// Null: whatever it says. A journal inside a store is for that store, by whatever path the store was opened then: through a link, from
    /// another container, before it was moved.
    /// </param>
    /// <param name="ofAnyMachine">Also one that was written elsewhere; whether its process lives there is not known.</param>
    /// <returns>Null when somebody uses it, it is another's, or nothing says whose it is.</returns>
    public static DeadJournal? TryAdopt(JournalFiles files, string? destination, bool ofAnyMachine)
    {
        // Seen from outside first: many may be others', and one whose lock is taken for a look seems to be in use to whom it belongs.
        if (files.PeekOwner() is { } seen && !IsFor(seen, destination, ofAnyMachine))
        {
            return null;
        }

        if (JournalLock.TryAcquire(files.Lock, create: false) is not { } heldLock)
        {
            return null;
        }

        var segments = new List<Segment>();
        try
        {
            JournalOwner? owner = null;
            foreach (var (number, path) in files.Segments())
            {
                if (Segment.Open(path, number) is { } segment)
                {
                    segments.Add(segment);
                    owner ??= ReadOwner(segment);
                }
            }

            if (segments.Count == 0)
            {
                // Killed before its first segment was ready: no call on it has returned, so nothing can be in it.
                files.DeleteAll(heldLock);
                return null;
            }

            if (owner is null || !IsFor(owner, destination, ofAnyMachine) || (!heldLock.IsTrusted && owner.IsAlive))
            {
                segments.ForEach(segment => segment.Close());
                heldLock.Dispose();
                return null;
            }

            var journal = new DeadJournal(files, heldLock, owner);
            segments.ForEach(journal.Recover);
            if (journal._isOutOfOrder)
            {
                // Counted again, now that all runs are known: what is counted in must be what will be read.
                journal.Orphans = 0;
                journal.Log.ForgetCounts(segments);
                segments.ForEach(journal.Recover);
            }

            segments.ForEach(journal.Log.Add);
            journal.ReadNotes();
            return journal;
        }
        catch
        {
            segments.ForEach(segment => segment.Close());
            heldLock.Dispose();
            throw;
        }
    }

    private static bool IsFor(JournalOwner owner, string? destination, bool ofAnyMachine)
        => (destination is null || owner.Destination == destination) && (ofAnyMachine || owner.IsThisMachine);

    /// <summary>
    /// Until the journal is finished it keeps what says that a run was left open and that a signal came: this process can die as well, and
    /// the next one must know what to close.
    /// </summary>
    private bool CanGo(Segment segment)
        => !_signalledIn.Contains(segment.Number)
        && segment.WatermarkAt.Keys.All(number => Log.FindRun(number) is not { Ended: false } || Log.IsSaidElsewhere(segment, number));

    private static JournalOwner? ReadOwner(Segment segment)
    {
        segment.Hold();
        try
        {
            var scan = new SegmentScan(segment, Segment.HeaderSize, segment.Size);
            while (scan.MoveNext(out var record))
            {
                if (record.Kind == RecordKind.Owner)
                {
                    return JournalOwner.FromJson(record.Text);
                }
            }

            return null;
        }
        finally
        {
            segment.Release();
        }
    }

    /// <summary>Counts what is in a segment and not settled, and learns the runs.</summary>
    private void Recover(Segment segment)
    {
        segment.Hold();
        try
        {
            var seen = new HashSet<int>();
            var (lastRun, watermark) = (-1, 0L);
            var scan = new SegmentScan(segment, Segment.HeaderSize, segment.Size);
            while (scan.MoveNext(out var record))
            {
                switch (record.Kind)
                {
                    case RecordKind.Run:
                        _isOutOfOrder |= !seen.Add(record.RunNumber);
                        Learn(segment, record);
                        lastRun = -1;
                        break;
                    case RecordKind.Signal:
                        SignalCame = true;
                        _signalledIn.Add(segment.Number);
                        break;
                    case RecordKind.Abandoned:
                        Log.FindRun(record.RunNumber)?.End();
                        break;
                    case var kind when RecordKinds.IsDelivered(kind) && Log.FindRun(record.RunNumber) is { } run:
                        if (run.Number != lastRun)
                        {
                            seen.Add(run.Number);
                            (lastRun, watermark) = (run.Number, segment.ReadWatermark(Log.WatermarkAt(segment, run.Number)));
                        }

                        Note(run, record);
                        if (record.End > watermark)
                        {
                            Log.Accept(segment, run);
                        }

                        break;
                    case var kind when RecordKinds.IsDelivered(kind):
                        _isOutOfOrder |= Orphans++ == 0;
                        break;
                    default:
                        break;
                }
            }
        }
        finally
        {
            segment.Release();
        }
    }

    private void Learn(Segment segment, in RecordView record)
    {
        segment.WatermarkAt.TryAdd(record.RunNumber, record.Offset + RecordLayout.WatermarkOffset);
        var known = Log.FindRun(record.RunNumber);
        if (known?.Definition.IsOpened == true)
        {
            return;
        }

        // Where it is null a version wrote it that says runs differently: its records stay where they are.
        if (RunDefinition.FromJson(record.Text) is not { } definition)
        {
            return;
        }

        if (known is null)
        {
            // What its process had sent when it died is not known.
            Log.Add(new JournalRun(record.RunNumber, definition) { MayBeCreated = true });
        }
        else if (definition.IsOpened)
        {
            known.SetOpened(definition);
        }
    }

    private static void Note(JournalRun run, in RecordView record)
    {
        if (record.Kind == RecordKind.Status && record.Status is not (RunStatus.Running or RunStatus.Scheduled))
        {
            run.End();
        }
        else if (record.Kind == RecordKind.Metric)
        {
            run.LastTimestamp = Math.Max(run.LastTimestamp, record.Point.TimestampMilliseconds);
        }
    }

    private void ReadNotes()
    {
        foreach (var path in Log.Files!.Notes())
        {
            // A run can have an old note, of a batch long settled, beside the one that counts.
            if (AppendNote.FromBytes(File.ReadAllBytes(path)) is { } note
                && Log.FindRun(note.RunNumber) is { } run
                && (run.Note is null || note.IsLaterThan(run.Note)))
            {
                run.Note = note;
            }
        }
    }
}
