using Microsoft.Extensions.Logging;

namespace ModelTrack.Client.Backends.Files;

/// <summary>Stores batches in the folders of their runs. Safe for calls from several threads.</summary>
internal sealed class BatchWriter(FileLayout layout, RunFiles runs, TimeProvider clock, ILogger logger)
{
    private readonly RunFolderWriter _writer = new(new RunGuard(runs, clock, logger));

    /// <returns>What was refused; the rest is stored.</returns>
    /// <exception cref="ModelTrackException">There is no such run.</exception>
    /// <exception cref="IOException">To be tried again as it is, with <see cref="RunBatch.PriorAppends"/>.</exception>
    public IReadOnlyList<RecordRefusal> Write(RunBatch batch, CancellationToken cancellationToken)
    {
        var folder = runs.RequireFolder(batch.RunId);
        try
        {
            return _writer.Write(folder, batch, cancellationToken);
        }
        catch (DirectoryNotFoundException) when (layout.FindRunFolder(batch.RunId) != folder)
        {
            // Its experiment has been deleted or restored meanwhile, and the folder moved; or the run is gone, which this says.
            return _writer.Write(runs.RequireFolder(batch.RunId), batch, cancellationToken);
        }
    }

    /// <summary>Takes off what follows the last line of a run's metric files.</summary>
    /// <exception cref="ModelTrackException">There is no such run.</exception>
    public void RemoveTornPoints(string runId, CancellationToken cancellationToken)
    {
        var folder = runs.RequireFolder(runId);
        var metrics = FileLayout.Metrics(folder);
        if (!Directory.Exists(metrics))
        {
            return;
        }

        using var held = FolderLock.Acquire(folder, clock, cancellationToken);
        foreach (var path in KeyFiles.List(metrics))
        {
            using var file = AppendFile.TryOpen(path);
            if (file is not null)
            {
                TornEnd.TakeBack(file);
            }
        }
    }
}
