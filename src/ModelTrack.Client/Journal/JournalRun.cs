namespace ModelTrack.Client.Journal;

/// <summary>A run in a journal, with the count of its records. Everything that changes does so under the journal's lock.</summary>
internal sealed class JournalRun
{
    private readonly TaskCompletionSource<RunDefinition> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<string, JournalKey> _metricKeys = [];
    private readonly List<Rejection> _rejections = [];
    private readonly object _creation = new();
    private string? _lastText;
    private JournalKey? _lastKey;

    private RunDefinition _definition;
    private bool _isGivenUp;

    public JournalRun(int number, RunDefinition definition)
    {
        Number = number;
        _definition = definition;
        Json = definition.ToJson();
        if (definition.IsOpened)
        {
            _opened.SetResult(definition);
        }

        // Whoever waits sees the failure; where nobody does it is no unobserved one.
        _ = _opened.Task.ContinueWith(static task => task.Exception, TaskScheduler.Default);
    }

    public int Number { get; }

    /// <summary>The log it belongs to; set when it is added there.</summary>
    public SegmentLog Log { get; set; } = null!;

    public RunDefinition Definition => _definition;

    /// <summary>Ends when the run is in the store; fails when the store refuses it for good.</summary>
    public Task<RunDefinition> Opened => _opened.Task;

    /// <summary>The run's creation is under way, or was sent and got no answer: it may be in the store.</summary>
    public bool MayBeCreated { get; set; }

    /// <summary>The run was created when an earlier creation might still be carried out: there may be a second one in the store, now or later.</summary>
    public bool MayBeTwice { get; set; }

    /// <summary>How long a creation that got no answer may still be carried out; see <see cref="Dispatch.LateAnswer"/>.</summary>
    public Dispatch.LateWait? LateCreation { get; set; }

    /// <summary>What brings the run into the store at present, or did last; null when nothing has.</summary>
    public Task<RunSnapshot>? Opening { get; set; }

    /// <summary>The store created the run for this process, so that all that is in it came from here.</summary>
    public bool IsNew { get; set; }

    /// <summary>Why the store refused the run; null as a rule. Its records are refused for the same reason.</summary>
    public ModelTrackException? Refusal { get; private set; }

    public byte[] Json { get; private set; }

    public int RecordSize => RecordLayout.Align(RecordLayout.WatermarkOffset + sizeof(long) + sizeof(int) + Json.Length);

    /// <summary>The number of the latest segment that says the run.</summary>
    public int DeclaredIn { get; set; }

    /// <summary>A status that ends it has been journaled.</summary>
    public bool Ended { get; private set; }

    /// <summary>The latest timestamp among its points, in a journal that was left behind.</summary>
    public long LastTimestamp { get; set; }

    /// <summary>What was noted before an append that has not been settled: its batch must be tried again exactly as it was.</summary>
    public AppendNote? Note { get; set; }

    public long Accepted { get; set; }

    public long Delivered { get; set; }

    public long Rejected { get; set; }

    public IReadOnlyList<Rejection> Rejections => _rejections;

    /// <summary>The key, if the run has had it: the hot path of every metric.</summary>
    public JournalKey? FindMetricKey(string text)
    {
        if (ReferenceEquals(text, _lastText))
        {
            return _lastKey;
        }

        if (_metricKeys.TryGetValue(text, out var key))
        {
            _lastText = text;
            _lastKey = key;
        }

        return key;
    }

    public void AddMetricKey(string text, JournalKey key) => _metricKeys.Add(text, key);

    /// <summary>The run is in the store. Later segments say so; under the journal's lock.</summary>
    public void SetOpened(RunDefinition definition)
    {
        _definition = definition;
        Json = definition.ToJson();
        _opened.TrySetResult(definition);
    }

    /// <summary>From here on the run may be in the store. False when its start was given up before.</summary>
    public bool TryBeginCreation()
    {
        lock (_creation)
        {
            return !_isGivenUp && (MayBeCreated = true);
        }
    }

    /// <summary>Nothing is to be created. False when that may have been done.</summary>
    public bool TryGiveUp()
    {
        lock (_creation)
        {
            return _isGivenUp = !MayBeCreated;
        }
    }

    public void SetRefused(ModelTrackException reason)
    {
        Refusal = reason;
        _opened.TrySetException(reason);
    }

    /// <summary>The run has ended: what is kept for writing to it goes.</summary>
    public void End()
    {
        Ended = true;
        _metricKeys.Clear();
        _lastText = null;
        _lastKey = null;
    }

    public void AddRejection(Rejection rejection)
    {
        if (_rejections.Count < DeliveryReport.MaxRejections)
        {
            _rejections.Add(rejection);
        }
    }
}
