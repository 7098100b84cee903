using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Extensions.Logging;

namespace ModelTrack.Client.Journal;

/// <summary>
/// The crash-safe queue between the API and a backend: the side that is written. A call that has returned has its record in memory that
/// belongs to the kernel, so a killed process loses nothing of it. One lock orders the writers; a record is written under it in well
/// under a microsecond.
/// </summary>
internal sealed unsafe partial class Journal : IDisposable
{
    /// <summary>The ends of some two hundred runs.</summary>
    private const int KeptForEnds = 8192;

    private const int MaxSpares = 4;

    /// <summary>The one that is written, the next one, and one that is read.</summary>
    private const int MinSegments = 3;

    /// <summary>A store in memory has nothing to survive for.</summary>
    private const string MemoryDestination = "memory:";

    private readonly JournalOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly JournalLock? _lock;
    private readonly SegmentMode _mode;
    private readonly byte[] _owner;
    private readonly object _prepareGate = new();
    private readonly Dictionary<string, JournalKey> _keys = [];
    private Segment _current;
    private Segment? _next;
    private int _runCount;
    private long? _fullSince;
    private bool _saidFull;
    private int _signal;
    private bool _readerWaits;
    private bool _disposed;

    private Journal(
        SegmentLog log,
        JournalLock? heldLock,
        JournalOwner owner,
        SegmentMode mode,
        JournalOptions options,
        TimeProvider clock,
        ILogger logger)
    {
        Log = log;
        _lock = heldLock;
        _owner = owner.ToJson();
        _mode = mode;
        _options = options;
        _clock = clock;
        _logger = logger;
        _current = NewSegment(1);
        Log.Add(_current);
        Log.Releasing = RedeclareOpenRuns;
        Log.MostSpare = SparesOf(options);
        Stage = new ArtifactStage(log.Files, options.ArtifactByteCap, options.FullTimeout, clock);
    }

    /// <summary>Raised under the lock, at most once after each <see cref="WaitForRecords"/>: a record has come.</summary>
    public event Action? RecordArrived;

    public SegmentLog Log { get; }

    /// <summary>Where files wait.</summary>
    public ArtifactStage Stage { get; }

    /// <summary>Opens a new journal; in memory when there is no place for it.</summary>
    public static Journal Create(JournalPlace? place, string destination, JournalOptions options, TimeProvider clock, ILogger logger)
    {
        var owner = JournalOwner.Create(destination, clock);
        if (place is null)
        {
            if (destination != MemoryDestination)
            {
                logger.LogWarning(
                    "No folder can be written for the journal of {Destination}: what is logged is in memory, and what is not delivered goes "
                    + "with the process",
                    destination);
            }

            return new Journal(new SegmentLog(null), null, owner, SegmentMode.Memory, options, clock, logger);
        }

        var (files, heldLock) = NewFiles(place);
        try
        {
            return new Journal(new SegmentLog(files), heldLock, owner, options.Mode ?? FileSystemTrust.ModeFor(place.Folder), options, clock, logger);
        }
        catch
        {
            files.DeleteAll(heldLock);
            throw;
        }
    }

    /// <summary>Another tracker that looks for dead journals may get hold of a new lock file before we do; then the next name.</summary>
    private static (JournalFiles Files, JournalLock Lock) NewFiles(JournalPlace place)
    {
        for (var attempt = 0; attempt < 20; attempt++)
        {
            var files = JournalFiles.New(place);
            if (JournalLock.TryAcquire(files.Lock, create: true) is { } heldLock)
            {
                return (files, heldLock);
            }
        }

        throw new IOException($"No journal could be locked in '{place.Folder}': new lock files there are locked at once by somebody else.");
    }

    public JournalRun OpenRun(RunDefinition definition)
    {
        lock (Log.Gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(Tracker));
            if (_runCount == RecordLayout.MaxRunNumber)
            {
                throw new InvalidOperationException($"A tracker takes {RecordLayout.MaxRunNumber} runs; open another one.");
            }

            var run = new JournalRun(++_runCount, definition);
            if (!TryReserve(run, null, 0))
            {
                throw new IOException(
                    $"The journal at {Log.Files?.Location} has reached its limit of {_options.ByteCap} bytes; the run cannot be recorded.");
            }

            Log.Add(run);
            return run;
        }
    }

    /// <summary>The run did not come into being: nobody has to close it.</summary>
    public void Abandon(JournalRun run)
    {
        lock (Log.Gate)
        {
            if (!run.Ended && !_disposed)
            {
                if (RecordLayout.HeaderSize <= _current.Size - _current.Tail)
                {
                    var offset = _current.Tail;
                    Finish(_current.Memory + offset, offset, RecordLayout.HeaderSize, RecordKind.Abandoned, run.Number, 0);
                }

                run.End();
            }
        }
    }

    /// <summary>Appends a metric point. <paramref name="check"/> is called once for each new key of the run, before anything is written.</summary>
    public bool AppendMetric<TState>(JournalRun run, string key, in MetricPoint point, TState state, Action<TState, string> check)
    {
        try
        {
            return LockAndAppendMetric(run, key, point, state, check);
        }
        catch
        {
            // Where nobody catches an exception, its handlers (which flush) run before it leaves the lock. Thrown again here, it has left.
            throw;
        }
    }

    private bool LockAndAppendMetric<TState>(JournalRun run, string key, in MetricPoint point, TState state, Action<TState, string> check)
    {
        lock (Log.Gate)
        {
            ThrowIfClosed(run);
            var journalKey = run.FindMetricKey(key);
            if (journalKey is null ? !TryMakeRoom(run, SizeOfNew(key)) : !TryReserve(run, journalKey, RecordLayout.MetricSize))
            {
                Log.Refuse(run, Full(run, "metric", key, point.Value.ToString(System.Globalization.CultureInfo.InvariantCulture)));
                return false;
            }

            if (journalKey is null)
            {
                // Only now, when nothing can fail any more: what the check remembers is recorded.
                journalKey = AddKey(run, key, state, check);
                TryReserve(run, journalKey, RecordLayout.MetricSize);
            }

            var offset = _current.Tail;
            var record = _current.Memory + offset;
            *(long*)(record + 16) = point.TimestampMilliseconds;
            *(double*)(record + 24) = point.Value;
            *(long*)(record + 32) = point.Step;
            Finish(record, offset, RecordLayout.MetricSize, RecordKind.Metric, run.Number, journalKey.Number);
            Log.Accept(_current, run);
            return true;
        }
    }

    /// <summary>
    /// Appends a param, a tag, a tag's deletion, an artifact, an input or a model. <paramref name="check"/> is called under the lock when there is room and before anything
    /// is written: what it remembers is recorded. False: there is nothing to record.
    /// </summary>
    public bool AppendPair(JournalRun run, RecordKind kind, string key, string value, Func<bool>? check = null)
    {
        try
        {
            return LockAndAppendPair(run, kind, key, value, check);
        }
        catch
        {
            // As in AppendMetric.
            throw;
        }
    }

    private bool LockAndAppendPair(JournalRun run, RecordKind kind, string key, string value, Func<bool>? check)
    {
        var keyLength = Encoding.UTF8.GetByteCount(key);
        var valueLength = Encoding.UTF8.GetByteCount(value);
        var size = SizeOf(key, value);
        lock (Log.Gate)
        {
            ThrowIfClosed(run);
            if (!TryReserve(run, null, size))
            {
                Log.Refuse(run, Full(run, NameOf(kind), key, value));
                return false;
            }

            // Only now, when nothing can fail any more: what the check remembers is recorded.
            if (check?.Invoke() == false)
            {
                return true;
            }

            var offset = _current.Tail;
            var record = _current.Memory + offset;
            *(int*)(record + RecordLayout.HeaderSize) = valueLength;
            var text = new Span<byte>(record + RecordLayout.HeaderSize + sizeof(int), keyLength + valueLength);
            Encoding.UTF8.GetBytes(key, text);
            Encoding.UTF8.GetBytes(value, text[keyLength..]);
            Finish(record, offset, size, kind, run.Number, keyLength);
            Log.Accept(_current, run);
            return true;
        }
    }

    private static string NameOf(RecordKind kind)
        => kind switch { RecordKind.Param => "param", RecordKind.Artifact => "artifact", RecordKind.Input => "input", RecordKind.Model => "model", _ => "tag" };

    /// <summary>
    /// Appends several records of a run, all of them or, where <paramref name="check"/> throws or the disk is full, none.
    /// </summary>
    /// <param name="run">The run.</param>
    /// <param name="size">At least what the records take, see <see cref="SizeOf(string, string)"/> and <see cref="SizeOfNew"/>.</param>
    /// <param name="check">Called under the lock before anything is written.</param>
    /// <param name="append">Appends them one by one.</param>
    public void AppendTogether(JournalRun run, long size, Action check, Action append)
    {
        try
        {
            lock (Log.Gate)
            {
                ThrowIfClosed(run);
                check();
                TryMakeRoom(run, size);
                append();
            }
        }
        catch
        {
            // As in AppendMetric.
            throw;
        }
    }

    /// <summary>What a param or tag takes.</summary>
    public static int SizeOf(string key, string value)
        => RecordLayout.Align(RecordLayout.HeaderSize + sizeof(int) + Encoding.UTF8.GetByteCount(key) + Encoding.UTF8.GetByteCount(value));

    /// <summary>What a point of a new metric takes at most.</summary>
    public static int SizeOfNew(string metricKey)
        => RecordLayout.MetricSize + RecordLayout.Align(RecordLayout.HeaderSize + sizeof(int) + Encoding.UTF8.GetMaxByteCount(metricKey.Length));

    /// <summary>Appends a change of status. An end closes the run to all further records.</summary>
    public void AppendStatus(JournalRun run, RunStatus status, long? endTime)
    {
        try
        {
            LockAndAppendStatus(run, status, endTime);
        }
        catch
        {
            // As in AppendMetric.
            throw;
        }
    }

    private void LockAndAppendStatus(JournalRun run, RunStatus status, long? endTime)
    {
        lock (Log.Gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(Tracker));

            // An end finds room even where the journal is full: it is small, comes once, and without it the run would be taken for a dead one.
            TryReserveSlowly(run, null, RecordLayout.StatusSize, evenIfFull: true);
            var offset = _current.Tail;
            var record = _current.Memory + offset;
            *(long*)(record + 16) = (int)status;
            *(long*)(record + 24) = endTime ?? long.MinValue;
            Finish(record, offset, RecordLayout.StatusSize, RecordKind.Status, run.Number, 0);
            Log.Accept(_current, run);
            if (status is not (RunStatus.Running or RunStatus.Scheduled))
            {
                run.End();
            }
        }
    }

    /// <summary>Notes that a signal came, for whoever finds this journal after the process is gone.</summary>
    public void AppendSignal(int signal)
    {
        lock (Log.Gate)
        {
            _signal = signal;
            if (!_disposed)
            {
                WriteSignal();
            }
        }
    }

    /// <summary>Said again in each segment that begins after the signal, since the others go.</summary>
    private void WriteSignal()
    {
        if (_signal != 0 && RecordLayout.HeaderSize <= _current.Size - _current.Tail)
        {
            var offset = _current.Tail;
            Finish(_current.Memory + offset, offset, RecordLayout.HeaderSize, RecordKind.Signal, 0, _signal);
        }
    }

    /// <summary>From now on the next record raises <see cref="RecordArrived"/>; false when there are unread ones already.</summary>
    public bool WaitForRecords(JournalPosition read)
    {
        lock (Log.Gate)
        {
            if (Log.Unread(read) is not null)
            {
                return false;
            }

            _readerWaits = true;
            return true;
        }
    }

    /// <summary>Closes the journal. Its files go when everything in it is settled; else they stay for the next tracker.</summary>
    public void Dispose()
    {
        lock (Log.Gate)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            Monitor.PulseAll(Log.Gate);
        }

        // After the other lock, not around it: a writer that goes on to the next segment takes them the other way round.
        lock (_prepareGate)
        {
            _next?.Delete();
            _next = null;
        }

        Stage.Dispose();
        Log.DeleteSpares();
        Log.CloseSegments();
        if (Log.Files is null)
        {
            return;
        }

        if (Log.Accepted == Log.Delivered + Log.Rejected && Log.Runs.All(run => run.Ended))
        {
            Log.Files.DeleteAll(_lock!);
        }
        else
        {
            _lock!.Dispose();
        }
    }

    private void ThrowIfClosed(JournalRun run)
    {
        ObjectDisposedException.ThrowIf(_disposed, typeof(Tracker));
        if (run.Ended)
        {
            throw new InvalidOperationException(
                $"Run {run.Definition.Label} has ended and takes no more records; resume it with StartRun(runId: …).");
        }
    }

    /// <summary>As <see cref="TryReserve"/>, for a size that may be more than a segment has: then it is not for here to fail.</summary>
    private bool TryMakeRoom(JournalRun run, long size) => size > _options.SegmentSize / 2 || TryReserve(run, null, (int)size);

    private JournalKey AddKey<TState>(JournalRun run, string text, TState state, Action<TState, string> check)
    {
        check(state, text);
        if (!_keys.TryGetValue(text, out var key))
        {
            key = new JournalKey(_keys.Count + 1, text);
            _keys.Add(text, key);
        }

        run.AddMetricKey(text, key);
        return key;
    }

    private void WriteText(RecordKind kind, int runNumber, int keyNumber, byte[] text, int size)
    {
        var offset = _current.Tail;
        var record = _current.Memory + offset;
        var start = kind == RecordKind.Run ? RecordLayout.WatermarkOffset + sizeof(long) : RecordLayout.HeaderSize;
        if (kind == RecordKind.Run)
        {
            // Outside the checksum, and in a segment that is used again not zero.
            *(long*)(record + RecordLayout.WatermarkOffset) = 0;
        }

        *(int*)(record + start) = text.Length;
        text.CopyTo(new Span<byte>(record + start + sizeof(int), text.Length));
        Finish(record, offset, size, kind, runNumber, keyNumber);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Finish(byte* record, int offset, int size, RecordKind kind, int runNumber, int keyNumber)
    {
        *(uint*)(record + 8) = (uint)kind | ((uint)runNumber << 8);
        *(int*)(record + 12) = keyNumber;
        *(uint*)(record + 4) = RecordLayout.Checksum(record, size, offset, _current.Salt, kind);
        _current.Publish(offset, size);
        _current.Tail = offset + size;
        if (_readerWaits)
        {
            _readerWaits = false;
            RecordArrived?.Invoke();
        }
    }

    private Rejection Full(JournalRun run, string kind, string key, string value) => new(
        run.Definition.RunId, kind, key, value, $"The journal has reached its limit of {_options.ByteCap} bytes (TrackerOptions.JournalByteCap).");
}
