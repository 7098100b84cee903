using ModelTrack.Client.Backends;
using ModelTrack.Client.Dispatch;
using ModelTrack.Client.Journal;

namespace ModelTrack.Client;

/// <summary>
/// Writes to one run of the target, in batches as large as it takes, and counts what was stored. In a dry run it only counts. A batch
/// without an answer is sent again as the dispatcher does it, so that no point is stored twice.
/// </summary>
internal sealed class SyncWriter
{
    private const int Tries = 4;

    /// <summary>A folder takes more in a batch, which would be memory for no gain.</summary>
    private const int MostPoints = 1 << 13;

    private readonly ITrackingBackend _backend;
    private readonly SyncTally _tally;
    private readonly TimeProvider _clock;
    private readonly CancellationToken _cancellationToken;
    private readonly RunSnapshot? _target;
    private readonly bool _isNew;
    private readonly Dictionary<string, int> _keys = [];
    private RunBatch? _batch;

    /// <param name="backend">The target.</param>
    /// <param name="target">The run in it; null in a dry run.</param>
    /// <param name="isNew">The run was made by this sync.</param>
    /// <param name="tally">What counts.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="cancellationToken">Ends it between two batches.</param>
    public SyncWriter(
        ITrackingBackend backend, RunSnapshot? target, bool isNew, SyncTally tally, TimeProvider clock, CancellationToken cancellationToken)
    {
        _backend = backend;
        _target = target;
        _isNew = isNew;
        _tally = tally;
        _clock = clock;
        _cancellationToken = cancellationToken;
    }

    private BatchLimits Limits => _backend.Limits;

    public ValueTask AddAsync(ParamRecord param)
    {
        Batch.Params.Add(param);
        return FlushAsync(Batch.Params.Count >= Limits.Params);
    }

    public ValueTask AddAsync(TagRecord tag)
    {
        Batch.Tags.Add(tag);
        return FlushAsync(Batch.Tags.Count >= Limits.Tags);
    }

    public ValueTask AddAsync(DatasetInput input)
    {
        Batch.Inputs.Add(input);
        return FlushAsync(Batch.Inputs.Count >= BatchLimits.Inputs);
    }

    public ValueTask AddAsync(string key, MetricPoint point)
    {
        if (!_keys.TryGetValue(key, out var number))
        {
            _keys.Add(key, number = _keys.Count);
        }

        Batch.Metrics.Add(new MetricRecord(number, key, point));
        return FlushAsync(Batch.Metrics.Count >= Math.Min(Limits.Metrics, MostPoints) || _keys.Count >= Limits.MetricKeys);
    }

    /// <summary>Stores what was added.</summary>
    public ValueTask FlushAsync() => FlushAsync(true);

    /// <summary>Does something that can be repeated; tried again when it fails for now.</summary>
    public static async Task TryAsync(Func<ValueTask> action, TimeProvider clock, CancellationToken cancellationToken)
    {
        var pause = new BackOff(Random.Shared);
        while (true)
        {
            try
            {
                await action().ConfigureAwait(false);
                return;
            }
            catch (Exception e) when (IsPassing(e) && pause.Failures < Tries - 1)
            {
                await PauseAsync(pause, e, clock, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private RunBatch Batch => _batch ??= new RunBatch
    {
        RunId = _target?.Id ?? "",
        ExperimentId = _target?.ExperimentId,
        IsNewRun = _isNew,
    };

    private async ValueTask FlushAsync(bool isFull)
    {
        if (_batch is not { } batch
            || !(isFull || batch.Params.Count + batch.Tags.Count + batch.Metrics.Count >= Limits.Total))
        {
            return;
        }

        _cancellationToken.ThrowIfCancellationRequested();
        _batch = null;
        _keys.Clear();
        var refusals = _target is null ? [] : await StoreAsync(batch).ConfigureAwait(false);
        _tally.Params += batch.Params.Count - Count(BatchPart.Param);
        _tally.Tags += batch.Tags.Count - Count(BatchPart.Tag);
        _tally.MetricPoints += batch.Metrics.Count - Count(BatchPart.Metric);
        _tally.DatasetInputs += batch.Inputs.Count - Count(BatchPart.Input);
        foreach (var refusal in refusals)
        {
            _tally.AddConflict($"The target refuses {Describe(batch, refusal)}: {refusal.Reason}");
        }

        int Count(BatchPart part) => refusals.Count(refusal => refusal.Part == part);
    }

    private async Task<IReadOnlyList<RecordRefusal>> StoreAsync(RunBatch batch)
    {
        IReadOnlyDictionary<int, long>? noted = null;
        batch.NoteAppends = lengths => noted = new Dictionary<int, long>(lengths);
        var pause = new BackOff(Random.Shared);
        while (true)
        {
            var began = _clock.GetTimestamp();
            try
            {
                return await _backend.LogBatchAsync(batch, _cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (IsPassing(e) && pause.Failures < Tries - 1)
            {
                batch.PriorAppends ??= noted;
                batch.MayBeStored |= DeliveryFaults.MayBeStored(e);
                batch.Late = LateAnswer.Of(e, began, _clock);
                await PauseAsync(pause, e, _clock, _cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static bool IsPassing(Exception e) => e is ModelTrackException { IsTransient: true } or IOException;

    private static Task PauseAsync(BackOff pause, Exception failure, TimeProvider clock, CancellationToken cancellationToken)
    {
        var wait = pause.Next();
        return Task.Delay(DeliveryFaults.AskedWait(failure) is { } asked && asked > wait ? asked : wait, clock, cancellationToken);
    }

    private static string Describe(RunBatch batch, RecordRefusal refusal) => refusal.Part switch
    {
        BatchPart.Metric => $"a point of the metric {Excerpt.Of(batch.Metrics[refusal.Index].Key)}",
        BatchPart.Param => $"the param {Excerpt.Of(batch.Params[refusal.Index].Key)}",
        BatchPart.Tag => $"the tag {Excerpt.Of(batch.Tags[refusal.Index].Key)}",
        BatchPart.Input => $"the data set {Excerpt.Of(batch.Inputs[refusal.Index].Name)}",
        _ => "a record",
    };
}
