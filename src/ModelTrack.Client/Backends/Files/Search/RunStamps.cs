namespace ModelTrack.Client.Backends.Files.Search;

/// <summary>
/// The stamps of all that was read of a run, each taken before it was read: while they stay as they are, so does the run. Params have none,
/// since they are written once: a new one changes its folder.
/// </summary>
internal sealed class RunStamps(string runFolder)
{
    private readonly List<(string Path, FileStamp Stamp)> _folders = [];
    private readonly List<FileStamp> _metrics = [];
    private readonly List<FileStamp> _tags = [];
    private FileStamp _meta;
    private long _latest;

    /// <summary>Whether the stamps tell of every change: not where something could not be read, or is a link.</summary>
    public bool IsWhole { get; private set; } = true;

    /// <summary>When the latest of them was changed; ticks of UTC.</summary>
    public long Latest => _latest;

    public void TakeMeta() => _meta = Take(FileLayout.Meta(runFolder));

    public void TakeFolder(string path) => _folders.Add((path, Take(path)));

    /// <summary>Before the metric is read; they come in the order of the snapshot's dictionary.</summary>
    public void TakeMetric(string path) => _metrics.Add(Take(path));

    /// <summary>As <see cref="TakeMetric"/>.</summary>
    public void TakeTag(string path) => _tags.Add(Take(path));

    public void IsNotWhole() => IsWhole = false;

    /// <summary>Whether all that was read is as it was.</summary>
    public bool StillHold(RunSnapshot run)
    {
        if (!Holds(_meta, FileLayout.Meta(runFolder)))
        {
            return false;
        }

        foreach (var (path, stamp) in _folders)
        {
            if (!Holds(stamp, path))
            {
                return false;
            }
        }

        return Hold(_metrics, FileLayout.Metrics(runFolder), run.Metrics.Keys) && Hold(_tags, FileLayout.Tags(runFolder), run.Tags.Keys);
    }

    private static bool Hold(List<FileStamp> stamps, string folder, IEnumerable<string> keys)
    {
        var i = 0;
        foreach (var key in keys)
        {
            if (i == stamps.Count || !Holds(stamps[i++], folder + "/" + key))
            {
                return false;
            }
        }

        return i == stamps.Count;
    }

    private static bool Holds(FileStamp stamp, string path) => FileStamp.Of(path, out var isLink) == stamp && !isLink;

    private FileStamp Take(string path)
    {
        var stamp = FileStamp.Of(path, out var isLink);
        IsWhole &= !isLink;
        _latest = Math.Max(_latest, stamp.Changed);
        return stamp;
    }
}
