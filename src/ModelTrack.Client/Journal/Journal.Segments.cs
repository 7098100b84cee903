using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace ModelTrack.Client.Journal;

/// <content>Room for records: from segment to segment, each of which says again the runs and keys that it uses.</content>
internal sealed unsafe partial class Journal
{
    /// <summary>Makes room for a record and says its run and key in this segment if that has not been done.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryReserve(JournalRun run, JournalKey? key, int size)
    {
        if (run.DeclaredIn == _current.Number && (key is null || key.DeclaredIn == _current.Number) && size <= Room(forAnEnd: false))
        {
            return true;
        }

        return TryReserveSlowly(run, key, size, evenIfFull: false);
    }

    private bool TryReserveSlowly(JournalRun run, JournalKey? key, int size, bool evenIfFull)
    {
        while (true)
        {
            var need = size
                + (run.DeclaredIn == _current.Number ? 0 : run.RecordSize)
                + (key is null || key.DeclaredIn == _current.Number ? 0 : key.RecordSize);
            if (need <= Room(forAnEnd: evenIfFull))
            {
                break;
            }

            if (!TryAdvance(evenIfFull))
            {
                return false;
            }

            if (!evenIfFull)
            {
                // It may have waited, and the run may have ended meanwhile.
                ThrowIfClosed(run);
            }
        }

        if (run.DeclaredIn != _current.Number)
        {
            Declare(run);
        }

        if (key is not null && key.DeclaredIn != _current.Number)
        {
            WriteText(RecordKind.Key, 0, key.Number, key.Utf8, key.RecordSize);
            key.DeclaredIn = _current.Number;
        }

        return true;
    }

    /// <summary>What is left of the current segment. A part is kept for the ends of runs, which must find room when the disk is full.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Room(bool forAnEnd) => _current.Size - _current.Tail - (forAnEnd ? 0 : KeptForEnds);

    /// <summary>Goes on to the next segment; false when the journal is full. May give the lock up while it waits for room.</summary>
    private bool TryAdvance(bool evenIfFull)
    {
        var full = _current;
        while (!evenIfFull && (long)(Log.SegmentCount + 1) * _options.SegmentSize > _options.ByteCap)
        {
            _fullSince ??= _clock.GetTimestamp();
            var left = _options.FullTimeout - _clock.GetElapsedTime(_fullSince.Value);
            if (_options.WhenFull == JournalFullMode.Refuse || left <= TimeSpan.Zero)
            {
                SayFull();
                return false;
            }

            RecordArrived?.Invoke();
            Monitor.Wait(Log.Gate, left < TimeSpan.FromMilliseconds(50) ? left : TimeSpan.FromMilliseconds(50));
            ObjectDisposedException.ThrowIf(_disposed, typeof(Tracker));
            if (_current != full)
            {
                return true;
            }
        }

        _fullSince = null;
        _saidFull = false;
        lock (_prepareGate)
        {
            var next = _next ?? NewSegment(_current.Number + 1);
            _next = null;
            _current.Sealed = true;
            _current = next;
        }

        Log.Add(_current);
        WriteSignal();
        ThreadPool.UnsafeQueueUserWorkItem(static its => its.Journal.PrepareNext(its.Full), (Journal: this, Full: full), preferLocal: false);
        return true;
    }

    /// <summary>Lets go of a full segment, and makes the next ahead of need, so that a log call does not wait for either.</summary>
    private void PrepareNext(Segment full)
    {
        full.Release();
        lock (_prepareGate)
        {
            if (_disposed || _next is not null)
            {
                return;
            }

            try
            {
                _next = NewSegment(_current.Number + 1);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The log call that needs it tries again, and that is where the error belongs.
                _logger.LogWarning(e, "The next segment of the journal at {Location} could not be made yet", Log.Files?.Location);
            }
        }
    }

    /// <summary>How many settled segments are kept to be used again: enough for a dispatcher that is a little behind, within the limit.</summary>
    private static int SparesOf(JournalOptions options)
        => (int)Math.Clamp((options.ByteCap / options.SegmentSize) - MinSegments, 0, MaxSpares);

    private Segment NewSegment(int number)
    {
        var path = Log.Files?.Segment(number);
        var segment = path is not null && Log.TakeSpare() is { } spare
            ? spare.Reuse(path, number)
            : Segment.Create(path, number, _options.SegmentSize, _mode);
        var size = RecordLayout.Align(RecordLayout.HeaderSize + sizeof(int) + _owner.Length);
        var record = segment.Memory + segment.Tail;
        *(int*)(record + RecordLayout.HeaderSize) = _owner.Length;
        _owner.CopyTo(new Span<byte>(record + RecordLayout.HeaderSize + sizeof(int), _owner.Length));
        *(uint*)(record + 8) = (uint)RecordKind.Owner;
        *(uint*)(record + 4) = RecordLayout.Checksum(record, size, segment.Tail, segment.Salt, RecordKind.Owner);
        segment.Publish(segment.Tail, size);
        segment.Tail += size;
        return segment;
    }

    /// <summary>
    /// A segment goes, and with it may go the only record that says a run is open; so that is said again. Whoever finds the journal of a
    /// dead process must know which runs to close.
    /// </summary>
    private bool RedeclareOpenRuns(Segment segment)
    {
        foreach (var run in Log.Runs)
        {
            if (run.Ended || run.DeclaredIn != segment.Number)
            {
                continue;
            }

            if (run.RecordSize > _current.Size - _current.Tail)
            {
                return false;
            }

            Declare(run);
        }

        return true;
    }

    private void Declare(JournalRun run)
    {
        _current.WatermarkAt[run.Number] = _current.Tail + RecordLayout.WatermarkOffset;
        WriteText(RecordKind.Run, run.Number, 0, run.Json, run.RecordSize);
        run.DeclaredIn = _current.Number;
    }

    /// <summary>Once for each time that it becomes full; every refused record is counted and stands in the report.</summary>
    private void SayFull()
    {
        if (!_saidFull)
        {
            _saidFull = true;
            _logger.LogError(
                new EventId(6, "JournalFull"),
                "The journal at {Location} has reached its limit of {ByteCap} bytes; records are refused until the store has taken some",
                Log.Files?.Location, _options.ByteCap);
        }
    }
}
