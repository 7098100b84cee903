namespace ModelTrack.Client.Journal;

/// <summary>
/// The segments and runs of one journal and what has become of their records: the side that the dispatcher sees. A record is settled
/// when it was delivered or rejected; a segment goes when it is sealed and all its records are settled.
/// </summary>
internal sealed class SegmentLog(JournalFiles? files)
{
    private readonly List<Segment> _segments = [];
    private readonly Dictionary<int, JournalRun> _runs = [];
    private readonly Stack<Segment> _spares = [];

    /// <summary>
    /// The one lock of a journal. Held for a memory write or a look-up; never while something waits for a disk, but for a new segment.
    /// </summary>
    public object Gate { get; } = new();

    public JournalFiles? Files => files;

    public int SegmentCount => _segments.Count;

    public IEnumerable<JournalRun> Runs => _runs.Values;

    public long Accepted { get; private set; }

    public long Delivered { get; private set; }

    public long Rejected { get; private set; }

    /// <summary>How many settled segments are kept to be used again.</summary>
    public int MostSpare { get; set; }

    /// <summary>Called under the lock before a settled segment goes; false keeps it for now.</summary>
    public Func<Segment, bool>? Releasing { get; set; }

    public void Add(Segment segment)
    {
        lock (Gate)
        {
            _segments.Add(segment);
        }
    }

    public void Add(JournalRun run)
    {
        lock (Gate)
        {
            run.Log = this;
            _runs.Add(run.Number, run);
        }
    }

    /// <summary>The run is in the store now: segments that come later say so.</summary>
    public void SetOpened(JournalRun run, RunDefinition definition)
    {
        lock (Gate)
        {
            run.SetOpened(definition);
        }
    }

    /// <summary>The run of that <see cref="RunDefinition.Key"/>.</summary>
    public JournalRun? FindRun(string key)
    {
        lock (Gate)
        {
            return _runs.Values.FirstOrDefault(run => run.Definition.Key == key);
        }
    }

    public JournalRun? FindRun(int number)
    {
        lock (Gate)
        {
            return _runs.GetValueOrDefault(number);
        }
    }

    /// <summary>Counts records in; under the lock.</summary>
    public void Accept(Segment segment, JournalRun run, int count = 1)
    {
        segment.Accepted += count;
        run.Accepted += count;
        Accepted += count;
    }

    /// <summary>Before they are counted again.</summary>
    public void ForgetCounts(IEnumerable<Segment> segments)
    {
        lock (Gate)
        {
            Accepted = 0;
            foreach (var segment in segments)
            {
                segment.Accepted = 0;
            }

            foreach (var run in _runs.Values)
            {
                run.Accepted = 0;
            }
        }
    }

    /// <summary>Counts a record that went to the store without the journal.</summary>
    public void CountDelivered(JournalRun run)
    {
        lock (Gate)
        {
            run.Accepted++;
            Accepted++;
            run.Delivered++;
            Delivered++;
        }
    }

    /// <summary>Counts a record that found no room; under the lock.</summary>
    public void Refuse(JournalRun run, Rejection rejection)
    {
        run.Accepted++;
        Accepted++;
        run.Rejected++;
        Rejected++;
        run.AddRejection(rejection);
    }

    /// <summary>The segment with the first unread byte from a position on, and where its records end now; null when all is read.</summary>
    public (Segment Segment, int From, int Tail)? Unread(JournalPosition position)
    {
        lock (Gate)
        {
            foreach (var segment in _segments)
            {
                if (segment.Number < position.Segment)
                {
                    continue;
                }

                var from = segment.Number == position.Segment ? Math.Max(position.Offset, Segment.HeaderSize) : Segment.HeaderSize;
                if (from < segment.Tail)
                {
                    return (segment, from, segment.Tail);
                }
            }

            return null;
        }
    }

    /// <summary>Where the next record will go.</summary>
    public JournalPosition End
    {
        get
        {
            lock (Gate)
            {
                return _segments.Count == 0 ? JournalPosition.Start : new JournalPosition(_segments[^1].Number, _segments[^1].Tail);
            }
        }
    }

    public int WatermarkAt(Segment segment, int runNumber)
    {
        lock (Gate)
        {
            return segment.WatermarkAt.GetValueOrDefault(runNumber);
        }
    }

    /// <summary>
    /// Settles the run's records of a segment up to <paramref name="end"/>: one aligned store, so that a killed process has settled all of
    /// a batch or nothing. The segment must be held.
    /// </summary>
    public void Settle(Segment segment, JournalRun run, int end, int delivered, IReadOnlyList<Rejection> rejections)
    {
        var watermarkAt = WatermarkAt(segment, run.Number);
        if (watermarkAt != 0)
        {
            segment.StoreWatermark(watermarkAt, end);
        }

        lock (Gate)
        {
            segment.Settled += delivered + rejections.Count;
            run.Delivered += delivered;
            Delivered += delivered;
            run.Rejected += rejections.Count;
            Rejected += rejections.Count;
            foreach (var rejection in rejections)
            {
                run.AddRejection(rejection);
            }
        }
    }

    /// <summary>Removes the segments in which everything is settled.</summary>
    public void DropSettled()
    {
        List<Segment>? dropped = null;
        lock (Gate)
        {
            for (var i = _segments.Count - 1; i >= 0; i--)
            {
                var segment = _segments[i];
                if (segment.Sealed && segment.Settled == segment.Accepted && Releasing?.Invoke(segment) != false)
                {
                    _segments.RemoveAt(i);
                    (dropped ??= []).Add(segment);
                }
            }

            if (dropped is not null)
            {
                Monitor.PulseAll(Gate);
            }
        }

        foreach (var segment in dropped ?? [])
        {
            var isKept = false;
            try
            {
                isKept = TryKeep(segment);
            }
            finally
            {
                if (!isKept)
                {
                    segment.Delete();
                }
            }
        }
    }

    /// <summary>A settled segment that can be used again; null when there is none.</summary>
    public Segment? TakeSpare()
    {
        lock (_spares)
        {
            return _spares.TryPop(out var spare) ? spare : null;
        }
    }

    /// <summary>Removes them, and keeps none from now on.</summary>
    public void DeleteSpares()
    {
        lock (_spares)
        {
            MostSpare = 0;
        }

        while (TakeSpare() is { } spare)
        {
            spare.Delete();
        }
    }

    private bool TryKeep(Segment segment)
    {
        lock (_spares)
        {
            if (_spares.Count >= MostSpare || !segment.TryEmpty())
            {
                return false;
            }

            _spares.Push(segment);
            return true;
        }
    }

    /// <summary>Whether another segment says the run as well; under the lock.</summary>
    public bool IsSaidElsewhere(Segment segment, int runNumber)
        => _segments.Exists(other => other != segment && other.WatermarkAt.ContainsKey(runNumber));

    public void Forget(JournalRun run)
    {
        lock (Gate)
        {
            _runs.Remove(run.Number);
        }
    }

    public void FlushToDisk()
    {
        Segment[] segments;
        lock (Gate)
        {
            segments = [.. _segments];
        }

        foreach (var segment in segments)
        {
            segment.FlushToDisk();
        }
    }

    public void CloseSegments()
    {
        lock (Gate)
        {
            foreach (var segment in _segments)
            {
                segment.Close();
            }
        }
    }
}
