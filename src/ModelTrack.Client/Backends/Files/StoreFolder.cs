namespace ModelTrack.Client.Backends.Files;

/// <summary>Tells an <c>mlruns</c> folder from one that was meant for something else, before anything is written into it.</summary>
internal static class StoreFolder
{
    private const int NamesShown = 3;

    /// <summary>Passes when there is no such folder, when it is empty but for hidden files, or when it has anything of a store in it.</summary>
    /// <exception cref="ModelTrackException">It is a file, or a folder of other things.</exception>
    public static void Check(string root)
    {
        if (File.Exists(root))
        {
            throw Refusal($"'{root}' is a file. A tracking URI names a folder of runs (mlruns).");
        }

        if (!Directory.Exists(root))
        {
            return;
        }

        var others = new List<string>();
        foreach (var entry in new DirectoryInfo(root).EnumerateFileSystemInfos("*", new EnumerationOptions { AttributesToSkip = 0 }))
        {
            if (IsOfStore(entry))
            {
                return;
            }

            if (entry.Name[0] != '.')
            {
                others.Add(entry.Name);
            }
        }

        if (others.Count > 0)
        {
            others.Sort(StringComparer.Ordinal);
            var names = string.Join(", ", others.Take(NamesShown).Select(name => $"'{name}'"));
            var more = others.Count > NamesShown ? $" and {others.Count - NamesShown} more" : "";
            throw Refusal(
                $"'{root}' is not a folder of runs (mlruns), and is not empty: there is no experiment in it (a folder with a number as its name "
                + $"and {FileLayout.MetaName} in it), no .trash and no models, but {names}{more}.{Hint(root, others)}");
        }
    }

    private static bool IsOfStore(FileSystemInfo entry)
        => entry.Name.StartsWith(".modeltrack-", StringComparison.Ordinal)
            || (Directory.Exists(entry.FullName)
                && (entry.Name is ".trash" or "models"
                    || (entry.Name.All(char.IsAsciiDigit) && IsExperiment(entry.FullName))));

    /// <summary>
    /// One whose maker was killed, or is at it just now, has no file yet that says what it is: nothing but tags and hidden files. A folder
    /// must not be lost to all trackers for that.
    /// </summary>
    private static bool IsExperiment(string folder)
        => File.Exists(FileLayout.Meta(folder))
            || new DirectoryInfo(folder).EnumerateFileSystemInfos("*", new EnumerationOptions { AttributesToSkip = 0 })
                .All(entry => entry.Name[0] == '.' || entry.FullName == FileLayout.Tags(folder));

    private static string Hint(string root, List<string> others)
    {
        if (others.Contains("mlruns") && Directory.Exists(root + "/mlruns"))
        {
            return $" Is it '{Path.Combine(root, "mlruns")}'?";
        }

        return others.Contains(FileLayout.MetaName) ? " It looks like an experiment or a run; the folder of runs is further up." : "";
    }

    private static ModelTrackException Refusal(string message) => new(ErrorCode.InvalidParameterValue, message);
}
