using System.Text;

namespace ModelTrack.Client.Journal;

/// <summary>
/// Reads a journal from a position on and makes batches of it, one run each, never over the end of a segment, so that one store to one
/// watermark settles a batch. What is settled already is passed over. One reader, one thread.
/// </summary>
internal sealed class ChunkReader(SegmentLog log, BatchLimits limits)
{
    /// <summary>How much of the journal is decoded at a time.</summary>
    private const int MaxRecords = 1 << 16;

    private const int MaxSpare = 64;

    private readonly Stack<RunSlice> _spare = [];

    /// <summary>By number, of the runs that the chunk has records of: the slice that is open; none for those that are not in the journal.</summary>
    private readonly NumberTable<RunSlice> _open = new();
    private readonly NumberTable<ReadKey> _keys = new();
    private int _sliceCount;
    private int _mustReach;

    /// <summary>
    /// Reads up to a chunk into <paramref name="slices"/>, in the order in which their first records were logged, and moves the position
    /// behind it. False when there is nothing more.
    /// </summary>
    /// <param name="position">Where to begin.</param>
    /// <param name="slices">The batches are added to it.</param>
    /// <param name="wants">False for a run that is left out.</param>
    /// <param name="before">Nothing from here on is read; null: to the end.</param>
    public bool Read(ref JournalPosition position, List<RunSlice> slices, Func<JournalRun, bool> wants, JournalPosition? before = null)
    {
        if (position >= before || log.Unread(position) is not var (segment, from, tail) || segment.Number > before?.Segment)
        {
            return false;
        }

        if (segment.Number == before?.Segment)
        {
            tail = Math.Min(tail, before.Value.Offset);
            if (from >= tail)
            {
                return false;
            }
        }

        segment.Hold();
        try
        {
            var scan = new SegmentScan(segment, from, tail);
            var count = 0;
            _mustReach = 0;
            while ((count < MaxRecords || scan.Offset < _mustReach) && scan.MoveNext(out var record))
            {
                count++;
                if (record.Kind == RecordKind.Key)
                {
                    Learn(record.KeyNumber, Encoding.UTF8.GetString(record.Text));
                }
                else if (RecordKinds.IsDelivered(record.Kind))
                {
                    Take(segment, record, slices, wants);
                }
            }

            position = new JournalPosition(segment.Number, scan.Offset);
        }
        finally
        {
            segment.Release();
        }

        _open.Clear();
        return true;
    }

    /// <summary>Gives slices back for reuse; until then their segment is held.</summary>
    public void Return(List<RunSlice> slices)
    {
        slices.ForEach(Return);
        slices.Clear();
    }

    public void Return(RunSlice slice)
    {
        slice.Segment.Release();
        slice.Clear();
        if (_spare.Count < MaxSpare)
        {
            _spare.Push(slice);
        }
    }

    private void Learn(int number, string text)
    {
        if (_keys.Find(number) is { } known)
        {
            known.Text = text;
        }
        else
        {
            _keys.Set(number, new ReadKey { Text = text });
        }
    }

    private void Take(Segment segment, in RecordView record, List<RunSlice> slices, Func<JournalRun, bool> wants)
    {
        var slice = _open.Find(record.RunNumber);
        if (slice is null)
        {
            var run = log.FindRun(record.RunNumber);
            var watermark = run is null ? 0 : Watermark(segment, run);
            if (record.End <= watermark)
            {
                return;
            }

            slice = run is not null && wants(run) ? Open(segment, run, record.Offset, watermark, slices) : RunSlice.Unwanted;
            _open.Set(record.RunNumber, slice);
        }

        if (slice == RunSlice.Unwanted || record.End <= slice.Watermark)
        {
            return;
        }

        var key = record.Kind == RecordKind.Metric ? _keys.Find(record.KeyNumber) : null;
        if (slice.IsClosedBefore(record, limits) || (key is not null && key.Slice != slice.Id && slice.KeyCount >= limits.MetricKeys))
        {
            slice = Open(segment, slice.Run, record.Offset, slice.Watermark, slices);
            _open.Set(record.RunNumber, slice);
        }

        if (key is not null && key.Slice != slice.Id)
        {
            key.Slice = slice.Id;
            slice.KeyCount++;
        }

        slice.Add(record, key?.Text);
    }

    private RunSlice Open(Segment segment, JournalRun run, int from, long watermark, List<RunSlice> slices)
    {
        var slice = _spare.TryPop(out var spare) ? spare : new RunSlice();
        slice.Begin(++_sliceCount, segment, run, from, watermark);

        // In memory until it is given back: mapped and unmapped for each batch, a segment would cost more than its batches.
        segment.Hold();
        if (slice.Batch.PriorAppends is not null)
        {
            // A batch that is tried again must be what it was, even where the chunk would end before it does.
            _mustReach = Math.Max(_mustReach, run.Note!.To);
        }

        slices.Add(slice);
        return slice;
    }

    private long Watermark(Segment segment, JournalRun run)
        => segment.ReadWatermark(log.WatermarkAt(segment, run.Number));
}
