namespace ModelTrack.Client.Backends.Memory;

/// <summary>A run as the memory store keeps it. Used under the store's lock.</summary>
internal sealed class MemoryRun
{
    private readonly RunCreation _creation;
    private readonly string _artifactUri;
    private readonly Dictionary<string, string> _params = [];
    private readonly Dictionary<string, string> _tags;
    private readonly Dictionary<string, MemoryMetric> _metrics = [];
    private readonly Dictionary<(string Name, string Digest), DatasetInput> _inputs = [];
    private readonly Dictionary<(string Name, string Digest), DatasetInput> _datasets;
    private string _name;
    private RunStatus _status = RunStatus.Running;
    private DateTimeOffset? _endTime;

    /// <param name="id">Its id.</param>
    /// <param name="creation">What it is made from.</param>
    /// <param name="artifactUri">Where its artifacts are said to be.</param>
    /// <param name="datasets">The data sets of its experiment.</param>
    public MemoryRun(
        string id, RunCreation creation, string artifactUri, Dictionary<(string Name, string Digest), DatasetInput> datasets)
    {
        _datasets = datasets;
        Id = id;
        _creation = creation;
        _artifactUri = artifactUri;
        Artifacts = new MemoryArtifacts(id);
        _name = creation.Name ?? creation.Tags.GetValueOrDefault(SystemTags.RunName) ?? RunNames.Next();
        _tags = new Dictionary<string, string>(creation.Tags) { [SystemTags.RunName] = _name };
    }

    public string Id { get; }

    public string ExperimentId => _creation.ExperimentId;

    public LifecycleStage Stage { get; set; }

    public MemoryArtifacts Artifacts { get; }

    public RunSnapshot ToSnapshot() => new()
    {
        Id = Id,
        Name = _name.Length > 0 ? _name : _tags.GetValueOrDefault(SystemTags.RunName, ""),
        ExperimentId = ExperimentId,
        Status = _status,
        StartTime = ToMilliseconds(_creation.StartTime),
        EndTime = _endTime,
        UserId = _creation.UserId,
        ArtifactUri = _artifactUri,
        LifecycleStage = Stage,
        Params = new Dictionary<string, string>(_params),
        Metrics = _metrics.ToDictionary(m => m.Key, m => m.Value.Latest),
        Tags = new Dictionary<string, string>(_tags),
        DatasetInputs = [.. _inputs.Values],
    };

    /// <summary>Every point in the order of logging; none for an unknown key.</summary>
    public MetricPoint[] GetHistory(string key) => _metrics.TryGetValue(key, out var metric) ? metric.ToArray() : [];

    /// <summary>Changes what is not null.</summary>
    public void Update(RunStatus? status, DateTimeOffset? endTime, string? name, bool clearEndTime)
    {
        _status = status ?? _status;
        _endTime = endTime is { } end ? ToMilliseconds(end) : clearEndTime ? null : _endTime;
        if (name is not null)
        {
            _name = name;
            _tags[SystemTags.RunName] = name;
        }
    }

    /// <summary>Sets a tag; <c>mlflow.runName</c> names the run too.</summary>
    public void SetTag(string key, string value)
    {
        _tags[key] = value;
        if (key == SystemTags.RunName)
        {
            _name = value;
        }
    }

    /// <exception cref="ModelTrackException">It is not there.</exception>
    public void DeleteTag(string key)
    {
        if (!_tags.Remove(key))
        {
            throw new ModelTrackException(ErrorCode.ResourceDoesNotExist, $"The run '{Id}' has no tag '{key}'.");
        }
    }

    /// <summary>
    /// Stores a batch, all at once: nobody sees half of it, and no try ends half-way, so that <see cref="RunBatch.PriorAppends"/> and
    /// <see cref="RunBatch.NoteAppends"/> are not needed.
    /// </summary>
    /// <returns>What was refused; the rest is stored.</returns>
    public List<RecordRefusal> Store(RunBatch batch)
    {
        if (Stage == LifecycleStage.Deleted)
        {
            return Refusals.OfDeletedRun(batch);
        }

        var refusals = new List<RecordRefusal>();
        for (var i = 0; i < batch.Params.Count; i++)
        {
            var (key, value) = batch.Params[i];
            if (!_params.TryAdd(key, value) && _params[key] != value)
            {
                refusals.Add(new RecordRefusal(BatchPart.Param, i, Refusals.ParamConflict(key, _params[key], value)));
            }
        }

        StoreTags(batch.Tags);
        foreach (var (_, key, point) in batch.Metrics)
        {
            if (_metrics.TryGetValue(key, out var metric))
            {
                metric.Add(point);
            }
            else
            {
                _metrics.Add(key, new MemoryMetric(point));
            }
        }

        foreach (var input in batch.Inputs)
        {
            var dataset = (input.Name, input.Digest);
            _datasets.TryAdd(dataset, input);
            _inputs.TryAdd(dataset, _datasets[dataset] with { Tags = new Dictionary<string, string>(input.Tags) });
        }

        if (batch.Status is { } status)
        {
            Update(status.Status, status.EndTime, name: null, clearEndTime: status.Status == RunStatus.Running);
        }

        return refusals;
    }

    private void StoreTags(List<TagRecord> tags)
    {
        foreach (var (key, value) in tags)
        {
            if (value is null)
            {
                _tags.Remove(key);
            }
            else
            {
                _tags[key] = value;
            }
        }

        // A name that was deleted or emptied is kept as the run's name, as in a folder.
        if (tags.FindLast(t => t.Key == SystemTags.RunName).Value is { Length: > 0 } name)
        {
            _name = name;
        }
    }

    // As every store keeps times.
    private static DateTimeOffset ToMilliseconds(DateTimeOffset time)
        => DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds());
}
