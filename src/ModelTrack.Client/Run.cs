using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using ModelTrack.Client.Journal;
using ModelTrack.Client.Lifetime;

namespace ModelTrack.Client;

/// <summary>
/// A live run: the handle one writes through. Any thread may log to it at any time. A log call that has returned is safe: what it
/// recorded survives a kill of the process, and is stored exactly once. Log calls throw for invalid input and for a full disk, never
/// because a store is away. See <see cref="EndAsync(CancellationToken)"/> for what became of the records.
/// </summary>
public sealed partial class Run : IDisposable, IAsyncDisposable
{
    private const string RecordsNothing = "The run has no id: its tracker records nothing (Tracker.Disabled).";
    private const string TrimmedToText = "Where the properties are trimmed away the object's text is logged, as documented.";

    private static readonly Action<Run, string> CheckNewMetricKey = static (run, key) =>
    {
        Rules.CheckMetricKey(key);
        run._keys.AddMetric(key);
    };

    private readonly TrackerCore _tracker;
    private readonly JournalRun? _journaled;
    private readonly RunSnapshot? _start;
    private readonly bool _isResumed;
    private readonly string _plannedName;
    private readonly DateTimeOffset _startTime;
    private readonly RunKeys _keys;
    private readonly object _gate = new();
    private readonly nint _flightMark = ExceptionFlight.Mark();
    private readonly long _startedAt = ProcessWatch.Thrown;
    private long _endedAt = long.MaxValue;
    private bool _ended;

    internal Run(TrackerCore tracker, JournalRun? journaled, RunSnapshot? start, bool isResumed = false, RunKeys? keys = null)
    {
        _isResumed = isResumed;
        _tracker = tracker;
        _journaled = journaled;
        _start = start;
        _plannedName = journaled?.Definition.Plan?.Name ?? "";
        _startTime = start?.StartTime
            ?? (journaled?.Definition.Plan is { } plan ? DateTimeOffset.FromUnixTimeMilliseconds(plan.StartTime) : DateTimeOffset.MinValue);
        _keys = keys ?? new RunKeys(tracker.Backend.KeysArePaths);
    }

    /// <summary>What later calls depend on; another handle on the same run shares it.</summary>
    internal RunKeys Keys => _keys;

    /// <summary>Logs what the machine does; null: nobody wants that.</summary>
    internal SystemMetricsMonitor? Monitor { get; set; }

    /// <summary>What the journal says of it; null when nothing is recorded.</summary>
    internal RunDefinition? Definition => _journaled?.Definition;

    /// <summary>The run's id in the store.</summary>
    /// <exception cref="InvalidOperationException">
    /// There is none yet, because the run was started while its server was away, or the tracker records nothing; see <see cref="HasId"/> and
    /// <see cref="GetIdAsync"/>.
    /// </exception>
    public string Id => Definition switch
    {
        { RunId: { } id } => id,
        null => throw new InvalidOperationException(RecordsNothing),
        _ => throw new InvalidOperationException(
            $"The run '{Name}' has no id yet: the server was away when it started and gives it one when it is back. Wait with GetIdAsync."),
    };

    /// <summary>Whether the run has its id.</summary>
    public bool HasId => Definition?.RunId is not null;

    /// <summary>The run's name at its start.</summary>
    public string Name => _start?.Name ?? Definition?.Plan?.Name ?? _plannedName;

    /// <summary>The id of the experiment it belongs to; empty while the run was started without its server and has no id yet.</summary>
    public string ExperimentId => Definition?.ExperimentId ?? "";

    /// <summary>
    /// Where MLflow's UI shows the run; null for a run in a folder, which has no server, and while the run has no id.
    /// </summary>
    public Uri? Url => Definition is { RunId: { } id, ExperimentId: { } experimentId } ? _tracker.Backend.UrlOf(experimentId, id) : null;

    /// <summary>Waits until the run has its id, which it has at once unless it was started while its server was away.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The id.</returns>
    /// <exception cref="InvalidOperationException">The tracker records nothing; see <see cref="HasId"/>.</exception>
    /// <exception cref="ModelTrackException">The server refused the run.</exception>
    /// <exception cref="OperationCanceledException">The wait was ended.</exception>
    public async Task<string> GetIdAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_journaled is null)
        {
            throw new InvalidOperationException(RecordsNothing);
        }

        return Definition!.RunId ?? (await _journaled.Opened.WaitAsync(cancellationToken).ConfigureAwait(false)).RunId!;
    }

    /// <summary>Records a param: something that was chosen before the training. A param is written once.</summary>
    /// <param name="key">
    /// The key: letters, digits, <c>_ - . :</c>, spaces, and <c>/</c> between parts; at most 250 characters.
    /// </param>
    /// <param name="value">
    /// Any value; written with the invariant culture: <c>true</c>, the shortest digits that read back as the same number, ISO 8601, null
    /// as empty text, lists as JSON has them. At most 6,000 characters. The properties of an anonymous object or a record become params of
    /// their own, joined to the key by a dot (their text, <c>{ a = 1 }</c>, where code is compiled ahead of time or trimmed).
    /// </param>
    /// <returns>This run.</returns>
    /// <exception cref="ArgumentException">Key or value break MLflow's rules; the message has the rule.</exception>
    /// <exception cref="ModelTrackException">The param has another value already (<c>INVALID_PARAMETER_VALUE</c>).</exception>
    /// <exception cref="InvalidOperationException">The run has ended.</exception>
    /// <exception cref="IOException">The disk is full and the journal could not grow. Nothing was recorded.</exception>
    public Run LogParam(string key, object? value)
    {
        if (_journaled is null)
        {
            return this;
        }

        if (IsComposite(value))
        {
            return LogParams([.. ParamsOf(key, value)], _journaled);
        }

        var text = ValueText.Format(value);
        Rules.CheckParam(key, text);
        _tracker.Journal.AppendPair(_journaled, RecordKind.Param, key, text, () => _keys.TryAddParam(key, text));
        return this;
    }

    /// <summary>Records several params.</summary>
    /// <param name="values">Keys and values, as in <see cref="LogParam"/>.</param>
    /// <returns>This run.</returns>
    /// <exception cref="ArgumentException">As in <see cref="LogParam"/>. Nothing is recorded then.</exception>
    /// <exception cref="ModelTrackException">As in <see cref="LogParam"/>. Nothing is recorded then.</exception>
    /// <exception cref="IOException">The disk is full. Nothing is recorded then, unless the params take more than 2 MiB.</exception>
    public Run LogParams(params (string Key, object? Value)[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return _journaled is null
            ? this
            : LogParams([.. values.SelectMany(pair => ParamsOf(pair.Key, pair.Value))], _journaled);
    }

    /// <summary>
    /// Records the properties of an object (an anonymous one, a record, options) as params, nested ones joined by a dot; or the entries of
    /// a dictionary.
    /// </summary>
    /// <param name="values">The object.</param>
    /// <returns>This run.</returns>
    /// <exception cref="ArgumentException">As in <see cref="LogParam"/>. Nothing is recorded then.</exception>
    /// <exception cref="ModelTrackException">As in <see cref="LogParam"/>. Nothing is recorded then.</exception>
    /// <exception cref="IOException">The disk is full. Nothing is recorded then, unless the params take more than 2 MiB.</exception>
    [RequiresUnreferencedCode("Reads properties by reflection. Use LogParams with (key, value) pairs where code is trimmed.")]
    public Run LogParams(object values)
    {
        var pairs = ParamFlattener.Flatten(values);
        return _journaled is null ? this : LogParams(pairs, _journaled);
    }

    /// <summary>Records one point of a metric. Costs about as much as a write into memory and allocates nothing.</summary>
    /// <param name="key">The key; rules as in <see cref="LogParam"/>.</param>
    /// <param name="value">The value; NaN and the infinities are legal.</param>
    /// <param name="step">The step, by your own count; may be negative. Default: 0.</param>
    /// <param name="timestamp">When it was measured, to the millisecond, not before 1970. Default: now.</param>
    /// <returns>This run.</returns>
    /// <exception cref="ArgumentException">The key breaks MLflow's rules, or is a folder of another key in a folder of runs.</exception>
    /// <exception cref="InvalidOperationException">The run has ended.</exception>
    /// <exception cref="IOException">The disk is full and the journal could not grow. Nothing was recorded.</exception>
    public Run LogMetric(string key, double value, long step = 0, DateTimeOffset? timestamp = null)
    {
        if (_journaled is null)
        {
            return this;
        }

        ArgumentNullException.ThrowIfNull(key);
        _tracker.Journal.AppendMetric(_journaled, key, new MetricPoint(value, step, Milliseconds(timestamp)), this, CheckNewMetricKey);
        return this;
    }

    /// <summary>Records one point of several metrics, all with the same step and time.</summary>
    /// <param name="values">Keys and values.</param>
    /// <param name="step">The step. Default: 0.</param>
    /// <param name="timestamp">When they were measured. Default: now.</param>
    /// <returns>This run.</returns>
    /// <exception cref="ArgumentException">As in <see cref="LogMetric"/>. Nothing is recorded then.</exception>
    public Run LogMetrics(IEnumerable<KeyValuePair<string, double>> values, long step = 0, DateTimeOffset? timestamp = null)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (_journaled is null)
        {
            return this;
        }

        KeyValuePair<string, double>[] points = [.. values];
        string[] keys = [.. points.Select(point => point.Key)];
        var milliseconds = Milliseconds(timestamp);
        foreach (var key in keys)
        {
            Rules.CheckMetricKey(key);
        }

        _tracker.Journal.AppendTogether(
            _journaled,
            keys.Sum(key => (long)Journal.Journal.SizeOfNew(key)),
            () => _keys.CheckMetrics(keys),
            () =>
            {
                foreach (var (key, value) in points)
                {
                    _tracker.Journal.AppendMetric(_journaled, key, new MetricPoint(value, step, milliseconds), this, CheckNewMetricKey);
                }
            });
        return this;
    }

    /// <summary>Records one point of several metrics, all with the same step and time.</summary>
    /// <param name="values">Keys and values.</param>
    /// <param name="step">The step. Default: 0.</param>
    /// <param name="timestamp">When they were measured. Default: now.</param>
    /// <returns>This run.</returns>
    /// <exception cref="ArgumentException">As in <see cref="LogMetric"/>. Nothing is recorded then.</exception>
    public Run LogMetrics(IEnumerable<(string Key, double Value)> values, long step = 0, DateTimeOffset? timestamp = null)
    {
        ArgumentNullException.ThrowIfNull(values);
        return LogMetrics(values.Select(pair => KeyValuePair.Create(pair.Key, pair.Value)), step, timestamp);
    }

    /// <summary>Records one point of several metrics at step 0, now.</summary>
    /// <param name="values">Keys and values.</param>
    /// <returns>This run.</returns>
    /// <exception cref="ArgumentException">As in <see cref="LogMetric"/>. Nothing is recorded then.</exception>
    public Run LogMetrics(params (string Key, double Value)[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return LogMetrics(values.Select(pair => KeyValuePair.Create(pair.Key, pair.Value)));
    }

    /// <summary>Starts a child of this run, in the same experiment (tag <c>mlflow.parentRunId</c>).</summary>
    /// <param name="name">The child's name. Default: one that the store makes up.</param>
    /// <param name="tags">Tags to set.</param>
    /// <param name="description">The child's description, as Markdown.</param>
    /// <returns>The child, which is ended on its own.</returns>
    /// <exception cref="ArgumentException">A name or tag breaks MLflow's rules.</exception>
    /// <exception cref="IOException">The store cannot be written.</exception>
    public Run StartChild(string? name = null, IEnumerable<KeyValuePair<string, string>>? tags = null, string? description = null)
        => _journaled is null ? this : Blocking.Wait(_tracker.StartChildAsync(this, name, tags, description, blocks: true, CancellationToken.None));

    /// <summary>As <see cref="StartChild"/>, without blocking the caller.</summary>
    /// <param name="name">The child's name.</param>
    /// <param name="tags">Tags to set.</param>
    /// <param name="description">The child's description, as Markdown.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The child, which is ended on its own.</returns>
    public Task<Run> StartChildAsync(
        string? name = null,
        IEnumerable<KeyValuePair<string, string>>? tags = null,
        string? description = null,
        CancellationToken cancellationToken = default)
        => _journaled is null
            ? Task.FromResult(this)
            : _tracker.StartChildAsync(this, name, tags, description, blocks: false, cancellationToken).AsTask();

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = TrimmedToText)]
    private static bool IsComposite(object? value)
        => value is not null && RuntimeFeature.IsDynamicCodeSupported && ParamFlattener.IsComposite(value.GetType());

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = TrimmedToText)]
    private static IEnumerable<KeyValuePair<string, string>> ParamsOf(string key, object? value)
        => IsComposite(value) ? ParamFlattener.Flatten(key, value!) : [KeyValuePair.Create(key, ValueText.Format(value))];

    private Run LogParams(IReadOnlyCollection<KeyValuePair<string, string>> pairs, JournalRun journaled)
    {
        foreach (var (key, text) in pairs)
        {
            Rules.CheckParam(key, text);
        }

        _tracker.Journal.AppendTogether(
            journaled,
            pairs.Sum(pair => (long)Journal.Journal.SizeOf(pair.Key, pair.Value)),
            () => _keys.CheckParams(pairs),
            () =>
            {
                foreach (var (key, text) in pairs)
                {
                    _tracker.Journal.AppendPair(journaled, RecordKind.Param, key, text, () => _keys.TryAddParam(key, text));
                }
            });
        return this;
    }

    private long Milliseconds(DateTimeOffset? timestamp)
    {
        if (timestamp is not { } when)
        {
            return _tracker.Clock.GetUtcNow().ToUnixTimeMilliseconds();
        }

        Rules.CheckTimestamp(when);
        return when.ToUnixTimeMilliseconds();
    }
}
