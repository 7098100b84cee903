using System.IO.Enumeration;
using Microsoft.Extensions.Logging;

namespace ModelTrack.Client.Backends.Files;

/// <summary>
/// Reads runs, one after the other, for one thread: a search makes one for each core. A run takes some 25 files, so what counts here
/// is the number of system calls for a file (open, read, read, close) and for a folder.
/// </summary>
internal sealed class RunReader(ILogger logger) : IDisposable
{
    private static readonly EnumerationOptions Everything = new() { AttributesToSkip = 0, IgnoreInaccessible = false };

    private readonly FileScratch _scratch = new();
    private readonly MetricLineReader _lines = new();

    /// <summary>Reads a whole run; null when the view leaves it out.</summary>
    /// <exception cref="InvalidDataException">Its <c>meta.yaml</c> is damaged.</exception>
    public RunSnapshot? Read(string runFolder, ViewType view)
    {
        var run = ReadMeta(runFolder);
        if (!view.Includes(run.LifecycleStage))
        {
            return null;
        }

        var parts = GetParts(runFolder);
        var inputs = parts.HasFlag(RunParts.Inputs) ? RunInputs.Read(runFolder, _scratch, logger) : RunInputs.None;
        var tags = parts.HasFlag(RunParts.Tags) ? KeyFiles.ReadAll(FileLayout.Tags(runFolder), _scratch, logger) : [];
        return run with
        {
            Name = run.Name.Length > 0 ? run.Name : tags.GetValueOrDefault(SystemTags.RunName, ""),
            Params = parts.HasFlag(RunParts.Params) ? KeyFiles.ReadAll(FileLayout.Params(runFolder), _scratch, logger) : [],
            Metrics = parts.HasFlag(RunParts.Metrics) ? ReadMetrics(FileLayout.Metrics(runFolder)) : [],
            Tags = tags,
            DatasetInputs = inputs.Datasets,
            ModelInputs = inputs.Models,
            ModelOutputs = parts.HasFlag(RunParts.Outputs) ? RunOutputs.Read(runFolder, _scratch, logger) : [],
        };
    }

    /// <summary>Reads only what is in <c>meta.yaml</c>.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public RunSnapshot ReadMeta(string runFolder) => RunMeta.ToSnapshot(MetaFile.Read(runFolder, _scratch), runFolder);

    public void Dispose()
    {
        _scratch.Dispose();
        _lines.Dispose();
    }

    private Dictionary<string, MetricPoint> ReadMetrics(string folder)
    {
        var metrics = new Dictionary<string, MetricPoint>();
        foreach (var path in KeyFiles.List(folder))
        {
            if (KeyFiles.ToKey(folder, path, logger) is { } key)
            {
                try
                {
                    if (MetricFile.ReadLatest(_lines, path, logger) is { } latest)
                    {
                        metrics[key] = latest;
                    }
                }
                catch (FileNotFoundException)
                {
                    // Removed since it was listed.
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    logger.LogWarning(e, "{Path} cannot be read and was skipped.", path);
                }
            }
        }

        return metrics;
    }

    private static RunParts GetParts(string runFolder)
    {
        var parts = RunParts.None;
        foreach (var part in new FileSystemEnumerable<RunParts>(runFolder, ToPart, Everything))
        {
            parts |= part;
        }

        return parts;
    }

    private static RunParts ToPart(ref FileSystemEntry entry)
    {
        var part = entry.FileName switch
        {
            "metrics" => RunParts.Metrics,
            "params" => RunParts.Params,
            "tags" => RunParts.Tags,
            "inputs" => RunParts.Inputs,
            "outputs" => RunParts.Outputs,
            _ => RunParts.None,
        };
        return part != RunParts.None && entry.IsDirectory ? part : RunParts.None;
    }
}
