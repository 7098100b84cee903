using Microsoft.Win32.SafeHandles;

namespace ModelTrack.Client.Backends.Files.Search;

/// <summary>
/// The stamps of all that was read of a run, each taken before it was read: while they stay as they are, so does the run. Params have none,
/// since they are written once: a new one changes its folder.
/// </summary>
internal sealed class RunStamps(string runFolder)
{
    private readonly List<(string Name, FileStamp Stamp)> _folders = [];
    private readonly List<FileStamp> _metrics = [];
    private readonly List<FileStamp> _tags = [];
    private FileStamp _folder;
    private FileStamp _meta;

    /// <summary>Whether the stamps tell of every change: not where something could not be read, or is a link.</summary>
    public bool IsWhole { get; private set; } = true;

    /// <summary>When the latest of them was changed; ticks of UTC.</summary>
    public long Latest { get; private set; }

    public void TakeMeta() => _meta = Take(FileLayout.Meta(runFolder));

    /// <summary>Before what is in a folder of the run, or in the run's own folder, is listed.</summary>
    public void TakeFolder(string path)
    {
        var stamp = Take(path);
        if (path.Length == runFolder.Length)
        {
            _folder = stamp;
        }
        else
        {
            _folders.Add((path[(runFolder.Length + 1)..], stamp));
        }
    }

    /// <summary>Before the metric is read; they come in the order of the snapshot's dictionary.</summary>
    public void TakeMetric(string path) => _metrics.Add(Take(path));

    /// <summary>As <see cref="TakeMetric"/>.</summary>
    public void TakeTag(string path) => _tags.Add(Take(path));

    public void IsNotWhole() => IsWhole = false;

    /// <summary>Whether all that was read is as it was.</summary>
    public bool StillHold(RunSnapshot run)
    {
        if (FileStamp.Of(runFolder, out var isLink) != _folder || isLink)
        {
            return false;
        }

        using var opened = FileStamp.OpenFolder(runFolder);
        if (!Holds(opened, FileLayout.MetaName, _meta))
        {
            return false;
        }

        foreach (var (name, stamp) in _folders)
        {
            if (!Holds(opened, name, stamp))
            {
                return false;
            }
        }

        return Hold(opened, "metrics/", _metrics, run.Metrics.Keys) && Hold(opened, "tags/", _tags, run.Tags.Keys);
    }

    private bool Hold(SafeFileHandle? opened, string folder, List<FileStamp> stamps, IEnumerable<string> keys)
    {
        var i = 0;
        foreach (var key in keys)
        {
            if (i == stamps.Count || !Holds(opened, folder + key, stamps[i++]))
            {
                return false;
            }
        }

        return i == stamps.Count;
    }

    private bool Holds(SafeFileHandle? opened, string name, FileStamp stamp)
        => FileStamp.Of(opened, runFolder, name, out var isLink) == stamp && !isLink;

    private FileStamp Take(string path)
    {
        var stamp = FileStamp.Of(path, out var isLink);
        IsWhole &= !isLink;
        Latest = Math.Max(Latest, stamp.Changed);
        return stamp;
    }
}
