using Microsoft.Extensions.Logging;

namespace ModelTrack.Client.Backends.Files;

/// <summary>The lock and the <c>meta.yaml</c> of runs in a store.</summary>
internal sealed class RunGuard(RunFiles runs, TimeProvider clock, ILogger logger) : IRunGuard
{
    public IDisposable Lock(string runFolder, CancellationToken cancellationToken) => FolderLock.Acquire(runFolder, clock, cancellationToken);

    public bool IsDeleted(string runFolder, CancellationToken cancellationToken)
    {
        try
        {
            return RunMeta.GetStage(MetaFile.ReadPatiently(runFolder, clock, cancellationToken)) == LifecycleStage.Deleted;
        }
        catch (InvalidDataException e)
        {
            // What was logged does not need it, and is safer in the folder than refused.
            logger.LogWarning(e, "The meta.yaml of {Folder} is damaged; what was logged to the run is stored beside it.", runFolder);
            return false;
        }
    }

    public void SetName(string runFolder, string name, CancellationToken cancellationToken)
        => runs.UpdateIn(runFolder, null, null, name, clearEndTime: false, cancellationToken);

    public void SetStatus(string runFolder, StatusRecord status, CancellationToken cancellationToken)
        => runs.UpdateIn(
            runFolder,
            status.Status,
            status.EndTime,
            name: null,
            clearEndTime: status is { Status: RunStatus.Running or RunStatus.Scheduled, EndTime: null },
            cancellationToken);
}
