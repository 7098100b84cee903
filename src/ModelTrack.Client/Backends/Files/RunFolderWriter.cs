namespace ModelTrack.Client.Backends.Files;

/// <summary>
/// Stores a batch in a run's folder, under the run's lock: params, tags, metrics, inputs, and the status when all else is there. Everything can
/// be repeated: what is stored already stays as it is.
/// </summary>
internal sealed class RunFolderWriter(IRunGuard guard)
{
    /// <returns>What was refused; the rest is stored.</returns>
    /// <exception cref="IOException">Try again as it is, with <see cref="RunBatch.PriorAppends"/>.</exception>
    public IReadOnlyList<RecordRefusal> Write(string runFolder, RunBatch batch, CancellationToken cancellationToken)
    {
        try
        {
            using var held = guard.Lock(runFolder, cancellationToken);
            return guard.IsDeleted(runFolder, cancellationToken) ? Refusals.OfDeletedRun(batch) : Store(runFolder, batch, cancellationToken);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"The run's folder '{runFolder}' cannot be written: {e.Message}", e);
        }
    }

    private List<RecordRefusal> Store(string runFolder, RunBatch batch, CancellationToken cancellationToken)
    {
        var refusals = new List<RecordRefusal>();
        var temp = new TempFile(runFolder);
        new ParamFiles(runFolder, temp).Store(batch.Params, refusals);
        new TagFiles(runFolder, temp).Store(batch.Tags, refusals);
        var nameAt = batch.Tags.FindLastIndex(t => t.Key == SystemTags.RunName);
        if (nameAt >= 0 && batch.Tags[nameAt].Value is { Length: > 0 } name)
        {
            ChangeMeta(() => guard.SetName(runFolder, name, cancellationToken), BatchPart.Tag, nameAt, refusals);
        }

        new MetricAppender(runFolder, temp).Append(batch, refusals, cancellationToken);
        new InputFiles(runFolder).Store(batch.Inputs);
        if (batch.Status is { } status)
        {
            ChangeMeta(() => guard.SetStatus(runFolder, status, cancellationToken), BatchPart.Status, 0, refusals);
        }

        return refusals;
    }

    private static void ChangeMeta(Action change, BatchPart kind, int index, List<RecordRefusal> refusals)
    {
        try
        {
            change();
        }
        catch (InvalidDataException e)
        {
            refusals.Add(new RecordRefusal(kind, index, $"The meta.yaml of the run is damaged and was not changed: {e.Message}"));
        }
    }
}
