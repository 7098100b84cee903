namespace ModelTrack.Client.Backends.Files;

/// <summary>
/// Changes runs. Whatever rewrites a <c>meta.yaml</c> reads it first, under the run's lock, so that no other change is lost.
/// The members that end in <c>In</c> take the folder of a run whose lock the caller holds.
/// </summary>
internal sealed class RunFiles(FileLayout layout, TimeProvider clock)
{
    /// <summary>The run's folder.</summary>
    /// <exception cref="ModelTrackException">There is no such run.</exception>
    public string RequireFolder(string runId)
        => layout.FindRunFolder(runId) ?? throw new ModelTrackException(ErrorCode.ResourceDoesNotExist, $"There is no run '{runId}'.");

    public void Update(
        string runId, RunStatus? status, DateTimeOffset? endTime, string? name, bool clearEndTime, CancellationToken cancellationToken)
        => InLock(runId, folder =>
        {
            RequireActive(folder, cancellationToken);
            UpdateIn(folder, status, endTime, name, clearEndTime, cancellationToken);
        }, cancellationToken);

    /// <summary>Ends a run that is still RUNNING in a session that is over; false when it is not.</summary>
    public bool Close(
        string runId,
        Func<string, RunSnapshot> read,
        string session,
        RunStatus status,
        DateTimeOffset lastSeen,
        CancellationToken cancellationToken)
    {
        var closed = false;
        InLock(runId, folder =>
        {
            var stored = read(folder);
            closed = stored.IsLeftOpen(session);
            if (closed)
            {
                UpdateIn(folder, status, lastSeen > stored.StartTime ? lastSeen : stored.StartTime, null, clearEndTime: false, cancellationToken);
            }
        }, cancellationToken);
        return closed;
    }

    public void Delete(string runId, CancellationToken cancellationToken)
        => SetStage(RequireFolder(runId), LifecycleStage.Deleted, cancellationToken);

    public void Restore(string runId, CancellationToken cancellationToken)
        => SetStage(RequireFolder(runId), LifecycleStage.Active, cancellationToken);

    public void SetTag(string runId, string key, string value, CancellationToken cancellationToken)
        => InLock(runId, folder =>
        {
            RequireActive(folder, cancellationToken);
            SetTagIn(folder, key, value, cancellationToken);
        }, cancellationToken);

    public void DeleteTag(string runId, string key, CancellationToken cancellationToken)
        => InLock(runId, folder =>
        {
            RequireActive(folder, cancellationToken);
            if (!DeleteTagIn(folder, key))
            {
                throw new ModelTrackException(ErrorCode.ResourceDoesNotExist, $"The run '{runId}' has no tag '{key}'.");
            }
        }, cancellationToken);

    /// <summary>Marks a run deleted or active; takes the lock itself.</summary>
    public void SetStage(string folder, LifecycleStage stage, CancellationToken cancellationToken)
    {
        using var held = FolderLock.Acquire(folder, clock, cancellationToken);
        var yaml = MetaFile.ReadPatiently(folder, clock, cancellationToken);
        if (stage == LifecycleStage.Deleted)
        {
            yaml.Set("lifecycle_stage", RunMeta.Deleted);
            yaml.Set("deleted_time", yaml.GetInteger("deleted_time") ?? clock.GetUtcNow().ToUnixTimeMilliseconds());
        }
        else
        {
            yaml.Set("lifecycle_stage", RunMeta.Active);
            yaml.Remove("deleted_time");
        }

        MetaFile.Write(folder, yaml);
    }

    /// <summary>Throws unless the run may be written to.</summary>
    /// <exception cref="ModelTrackException">It is deleted.</exception>
    public void RequireActive(string folder, CancellationToken cancellationToken)
    {
        if (RunMeta.GetStage(MetaFile.ReadPatiently(folder, clock, cancellationToken)) == LifecycleStage.Deleted)
        {
            throw new ModelTrackException(
                ErrorCode.InvalidParameterValue, $"The run '{Path.GetFileName(folder)}' is deleted; restore it before writing to it.");
        }
    }

    /// <summary>Changes what is not null in the meta of a run whose lock is held.</summary>
    public void UpdateIn(
        string folder, RunStatus? status, DateTimeOffset? endTime, string? name, bool clearEndTime, CancellationToken cancellationToken)
    {
        var yaml = MetaFile.ReadPatiently(folder, clock, cancellationToken);
        if (status is { } newStatus)
        {
            yaml.Set("status", (int)newStatus);
        }

        if (clearEndTime)
        {
            yaml.Set("end_time", (long?)null);
        }

        if (endTime is { } end)
        {
            yaml.Set("end_time", end.ToUnixTimeMilliseconds());
        }

        if (name is not null)
        {
            yaml.Set("run_name", name);
            KeyFiles.Write(FileLayout.Tags(folder), SystemTags.RunName, name, folder);
        }

        MetaFile.Write(folder, yaml);
    }

    /// <summary>Sets a tag of a run whose lock is held; the tag <c>mlflow.runName</c> names the run too.</summary>
    public void SetTagIn(string folder, string key, string value, CancellationToken cancellationToken)
    {
        if (key == SystemTags.RunName)
        {
            UpdateIn(folder, null, null, value, clearEndTime: false, cancellationToken);
        }
        else
        {
            KeyFiles.Write(FileLayout.Tags(folder), key, value, folder);
        }
    }

    /// <summary>Removes a tag of a run whose lock is held.</summary>
    /// <returns>Whether it was there.</returns>
    public static bool DeleteTagIn(string folder, string key) => KeyFiles.Delete(FileLayout.Tags(folder), key);

    private void InLock(string runId, Action<string> change, CancellationToken cancellationToken)
    {
        var folder = RequireFolder(runId);
        FolderLock held;
        try
        {
            held = FolderLock.Acquire(folder, clock, cancellationToken);
        }
        catch (DirectoryNotFoundException)
        {
            // Its experiment has been deleted or restored meanwhile, and the folder moved.
            folder = RequireFolder(runId);
            held = FolderLock.Acquire(folder, clock, cancellationToken);
        }

        using (held)
        {
            change(folder);
        }
    }
}
