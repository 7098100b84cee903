using System.Globalization;

namespace ModelTrack.Client.Torture.Checking;

/// <summary>Reads the files of an <c>mlruns</c> folder line by line: no code of the client's is between.</summary>
internal static class FolderReader
{
    public static IEnumerable<StoredRun> Read(string folder)
        => Directory.GetFiles(folder, "meta.yaml", SearchOption.AllDirectories)
            .Select(path => Path.GetDirectoryName(path)!)
            .Where(run => Directory.Exists(Path.Combine(run, "metrics")))
            .Select(ReadRun);

    private static StoredRun ReadRun(string folder)
    {
        var meta = File.ReadLines(Path.Combine(folder, "meta.yaml")).Select(line => line.Split(": ", 2)).ToDictionary(pair => pair[0], pair => pair[^1].Trim('\''));
        var tags = Texts(folder, "tags");
        return new StoredRun(
            meta["run_id"],
            meta["run_name"],
            (RunStatus)int.Parse(meta["status"], CultureInfo.InvariantCulture),
            tags.GetValueOrDefault("mlflow.parentRunId"),
            Files(folder, "metrics").ToDictionary(file => file.Key, file => (IReadOnlyList<MetricPoint>)[.. ReadPoints(file.Path)]),
            Texts(folder, "params"),
            tags,
            Texts(folder, "artifacts"));
    }

    /// <summary>A line that is not whole, as well as the last one without an end, is an error: it breaks MLflow.</summary>
    private static IEnumerable<MetricPoint> ReadPoints(string path)
    {
        var text = File.ReadAllText(path);
        if (!text.EndsWith('\n'))
        {
            throw new InvalidDataException($"{path} ends in a torn line.");
        }

        foreach (var line in text[..^1].Split('\n'))
        {
            if (line.Split(' ') is not [var time, var value, var step])
            {
                throw new InvalidDataException($"{path} has the line '{line}'.");
            }

            yield return new MetricPoint(
                value switch
                {
                    "nan" or "NaN" => double.NaN,
                    "inf" or "Infinity" => double.PositiveInfinity,
                    "-inf" or "-Infinity" => double.NegativeInfinity,
                    _ => double.Parse(value, CultureInfo.InvariantCulture),
                },
                long.Parse(step, CultureInfo.InvariantCulture),
                long.Parse(time, CultureInfo.InvariantCulture));
        }
    }

    private static Dictionary<string, string> Texts(string run, string kind) => Files(run, kind).ToDictionary(file => file.Key, file => File.ReadAllText(file.Path));

    private static IEnumerable<(string Key, string Path)> Files(string run, string kind)
    {
        var folder = Path.Combine(run, kind);
        return Directory.Exists(folder)
            ? Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Select(path => (Path.GetRelativePath(folder, path).Replace('\\', '/'), path))
            : [];
    }
}
