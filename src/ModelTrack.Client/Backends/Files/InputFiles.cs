using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace ModelTrack.Client.Backends.Files;

/// <summary>
/// Stores the data sets that a run used: each in a folder of its experiment, and in the run a folder that names it. What is there stays as
/// it is, in both. Used under the run's lock.
/// </summary>
internal sealed class InputFiles(string runFolder)
{
    private readonly string _datasets = FileLayout.Datasets(Path.GetDirectoryName(runFolder)!);
    private readonly string _inputs = FileLayout.Inputs(runFolder);
    private readonly string _runId = Path.GetFileName(runFolder);

    /// <exception cref="IOException">To be tried again as it is.</exception>
    public void Store(List<DatasetInput> inputs)
    {
        foreach (var input in inputs)
        {
            var datasetId = Hash(input.Name, input.Digest);
            StoreDataset(_datasets + "/" + datasetId, input);
            StoreInput(_inputs + "/" + Hash(datasetId, _runId), datasetId, input.Tags);
        }
    }

    /// <summary>Only what an input names is opened there, so that it may come into being bit by bit.</summary>
    private static void StoreDataset(string folder, DatasetInput dataset)
    {
        if (File.Exists(FileLayout.Meta(folder)))
        {
            return;
        }

        var yaml = new MetaYaml();
        yaml.Set("digest", dataset.Digest);
        yaml.Set("name", dataset.Name);
        SetOptional(yaml, "profile", dataset.Profile);
        SetOptional(yaml, "schema", dataset.Schema);
        yaml.Set("source", dataset.Source);
        yaml.Set("source_type", dataset.SourceType);
        Directory.CreateDirectory(folder);
        MetaFile.Write(folder, yaml);
    }

    /// <summary>An input without its meta would keep MLflow from reading the run, so it is made apart and moved to its place.</summary>
    private void StoreInput(string folder, string datasetId, IReadOnlyDictionary<string, string> tags)
    {
        if (File.Exists(FileLayout.Meta(folder)))
        {
            return;
        }

        // MLflow itself writes the data set's id twice.
        var yaml = new MetaYaml();
        yaml.Set("destination_id", datasetId);
        yaml.Set("destination_type", "RUN");
        yaml.Set("source_id", datasetId);
        yaml.Set("source_type", "DATASET");
        yaml.Set("tags", new YamlMapping([.. tags.Select(tag => KeyValuePair.Create(tag.Key, (YamlNode)new YamlScalar(tag.Value, isPlain: false)))]));
        if (Directory.Exists(folder))
        {
            MetaFile.Write(folder, yaml);
            return;
        }

        // Under the run's lock there is one writer; what a killed one left is in the way of nobody else.
        var built = runFolder + "/" + FileLayout.TempPrefix + "input";
        Directory.CreateDirectory(_inputs);
        Directory.CreateDirectory(built);
        MetaFile.Write(built, yaml);
        Directory.Move(built, folder);
    }

    private static void SetOptional(MetaYaml yaml, string key, string? value)
    {
        if (value is null)
        {
            yaml.Set(key, (long?)null);
        }
        else
        {
            yaml.Set(key, value);
        }
    }

    [SuppressMessage("Security", "CA5351", Justification = "MLflow names these folders so.")]
    private static string Hash(string first, string second)
        => Convert.ToHexString(MD5.HashData(Encoding.UTF8.GetBytes(first + second))).ToLowerInvariant();
}
