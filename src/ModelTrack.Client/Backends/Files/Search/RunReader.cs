using Microsoft.Extensions.Logging;

namespace ModelTrack.Client.Backends.Files.Search;

/// <summary>
/// Reads runs, one after the other, for one thread: a search makes one for each core. A run takes some 25 files, so what counts here
/// is the number of system calls for a file (open, read, read, close) and for a folder.
/// </summary>
internal sealed class RunReader(ILogger logger) : IDisposable
{
    private readonly FileScratch _scratch = new();
    private readonly MetricLineReader _lines = new();

    /// <summary>Reads a run; null when the view leaves it out.</summary>
    /// <param name="runFolder">Where it is.</param>
    /// <param name="view">Which runs are wanted.</param>
    /// <param name="wanted">What is wanted of it; the rest of the snapshot stays empty.</param>
    /// <param name="stamps">Takes the stamps of what is read.</param>
    /// <exception cref="InvalidDataException">Its <c>meta.yaml</c> is damaged.</exception>
    public RunSnapshot? Read(string runFolder, ViewType view, RunParts wanted = RunParts.All, RunStamps? stamps = null)
    {
        stamps?.TakeMeta();
        var run = ReadMeta(runFolder);
        if (!view.Includes(run.LifecycleStage))
        {
            return null;
        }

        stamps?.TakeFolder(runFolder);
        var parts = GetParts(runFolder) & wanted;
        var inputs = parts.HasFlag(RunParts.Inputs) ? ReadInputs(runFolder, stamps) : RunInputs.None;
        var tags = parts.HasFlag(RunParts.Tags) ? ReadTexts(FileLayout.Tags(runFolder), stamps, stamps is null ? null : stamps.TakeTag) : [];
        return run with
        {
            Name = run.Name.Length > 0 ? run.Name : tags.GetValueOrDefault(SystemTags.RunName, ""),
            Params = parts.HasFlag(RunParts.Params) ? ReadTexts(FileLayout.Params(runFolder), stamps, null) : [],
            Metrics = parts.HasFlag(RunParts.Metrics) ? ReadMetrics(FileLayout.Metrics(runFolder), stamps) : [],
            Tags = tags,
            DatasetInputs = inputs.Datasets,
            ModelInputs = inputs.Models,
            ModelOutputs = parts.HasFlag(RunParts.Outputs) ? ReadOutputs(runFolder, stamps) : [],
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

    private Dictionary<string, string> ReadTexts(string folder, RunStamps? stamps, Action<string>? takeFile)
    {
        stamps?.TakeFolder(folder);
        return KeyFiles.ReadAll(folder, _scratch, logger, takeFile, stamps is null ? null : stamps.TakeFolder, stamps is null ? null : stamps.IsNotWhole);
    }

    private Dictionary<string, MetricPoint> ReadMetrics(string folder, RunStamps? stamps)
    {
        stamps?.TakeFolder(folder);
        var metrics = new Dictionary<string, MetricPoint>();
        KeyFiles.ForEach(
            folder,
            logger,
            (key, path) =>
            {
                stamps?.TakeMetric(path);
                if (MetricFile.ReadLatest(_lines, path, logger) is not { } latest)
                {
                    return false;
                }

                metrics[key] = latest;
                return true;
            },
            stamps is null ? null : stamps.TakeFolder,
            stamps is null ? null : stamps.IsNotWhole);
        return metrics;
    }

    // Inputs and outputs are written once, as folders: a new one changes the folder that they are in.
    private RunInputs ReadInputs(string runFolder, RunStamps? stamps)
    {
        stamps?.TakeFolder(FileLayout.Inputs(runFolder));
        var inputs = RunInputs.Read(runFolder, _scratch, logger);
        Require(inputs.Datasets.Count + inputs.Models.Count, FileLayout.Inputs(runFolder), stamps);
        return inputs;
    }

    private List<ModelOutput> ReadOutputs(string runFolder, RunStamps? stamps)
    {
        stamps?.TakeFolder(FileLayout.Outputs(runFolder));
        var outputs = RunOutputs.Read(runFolder, _scratch, logger);
        Require(outputs.Count, FileLayout.Outputs(runFolder), stamps);
        return outputs;
    }

    private static void Require(int count, string folder, RunStamps? stamps)
    {
        if (stamps is not null && FolderNames.List(folder).Count() != count)
        {
            stamps.IsNotWhole();
        }
    }

    private static RunParts GetParts(string runFolder)
    {
        var parts = RunParts.None;
        foreach (var name in FolderNames.List(runFolder))
        {
            parts |= name switch
            {
                "metrics" => RunParts.Metrics,
                "params" => RunParts.Params,
                "tags" => RunParts.Tags,
                "inputs" => RunParts.Inputs,
                "outputs" => RunParts.Outputs,
                _ => RunParts.None,
            };
        }

        return parts;
    }
}
