using System.Globalization;

namespace ModelTrack.Client.Journal;

/// <summary>
/// The files of one journal. In a folder for journals each has a folder of its own; inside an mlruns folder, where MLflow warns about
/// folders that it does not know and ignores plain files, its files lie at the root and share a prefix.
/// </summary>
internal sealed class JournalFiles
{
    private const string FilePrefix = ".modeltrack-";
    private const string LockName = "lock";
    private const string SegmentSuffix = ".segment";

    private readonly string _folder;
    private readonly string _prefix;

    private JournalFiles(string folder, string prefix)
    {
        _folder = folder;
        _prefix = prefix;
    }

    public string Lock => Named(LockName);

    /// <summary>Tells it from the others at its place.</summary>
    public string Id => _prefix.Length == 0 ? Path.GetFileName(_folder) : _prefix[FilePrefix.Length..^1];

    /// <summary>Where it is, for messages.</summary>
    public string Location => _prefix.Length == 0 ? _folder : Path.Combine(_folder, _prefix + "*");

    /// <summary>Picks a name for a new journal. Nothing is made yet but the folder that holds it.</summary>
    public static JournalFiles New(JournalPlace place)
    {
        var id = Guid.NewGuid().ToString("N")[..12];
        if (place.InsideStore)
        {
            return new JournalFiles(place.Folder, $"{FilePrefix}{id}.");
        }

        var folder = Path.Combine(place.Folder, id);
        OwnerOnly.CreateFolder(folder);
        return new JournalFiles(folder, "");
    }

    /// <summary>
    /// All journals at a place, oldest first, whoever owns them. By what their owners say: the times of a lock file are marks of those who
    /// tried it.
    /// </summary>
    public static IReadOnlyList<JournalFiles> List(JournalPlace place) => [.. ListWithOwners(place, null).Select(entry => entry.Files)];

    /// <summary>As <see cref="List"/>, with whom they belong to, and without one of them.</summary>
    /// <param name="place">Where.</param>
    /// <param name="except">The <see cref="Id"/> of the one that is left out, since who asks has it open; null: none.</param>
    public static IReadOnlyList<(JournalFiles Files, JournalOwner? Owner)> ListWithOwners(JournalPlace place, string? except)
    {
        // Most often there is no other, and then the first run of a program is spared the compilation of all that follows.
        var all = All(place).Where(files => files.Id != except).ToList();
        return all.Count == 0 ? [] : WithOwners(all);
    }

    private static List<(JournalFiles Files, JournalOwner? Owner)> WithOwners(List<JournalFiles> all)
        => [.. all.Select(files => (files, Owner: files.PeekOwner())).OrderBy(entry => entry.Owner?.CreatedAt)];

    /// <summary>Whether there is a journal at a place.</summary>
    public static bool Any(JournalPlace place) => All(place).Any();

    public string Segment(int number) => Named(number.ToString("d8", CultureInfo.InvariantCulture) + SegmentSuffix);

    public string Note(int slot) => Named(string.Create(CultureInfo.InvariantCulture, $"{slot}.note"));

    /// <summary>A file that waits to be sent.</summary>
    public string Staged(string name) => Named(name + ".artifact");

    /// <summary>The segments that are there, by number: no two have the same.</summary>
    public IReadOnlyList<(int Number, string Path)> Segments() =>
    [
        .. All(SegmentSuffix)
            .Select(path => (Number: ParseNumber(path), Path: path))
            .Where(segment => segment.Number > 0 && segment.Path == Segment(segment.Number))
            .OrderBy(segment => segment.Number),
    ];

    /// <summary>The size of all its files, and when the latest of them was written to.</summary>
    public (long Bytes, DateTimeOffset LastWrite) Measure()
    {
        var files = All("").Select(path => new FileInfo(path)).Where(file => file.Exists).ToList();
        return (files.Sum(file => file.Length), files.Count == 0 ? default : files.Max(file => file.LastWriteTimeUtc));
    }

    /// <summary>Whose it is, read beside the process that writes it; null when that cannot be seen.</summary>
    public JournalOwner? PeekOwner()
    {
        try
        {
            foreach (var (_, path) in Segments())
            {
                using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                var start = new byte[8192];
                var length = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);

                // Its record is the first, and JSON. Header and checksum may have any byte in them.
                if (start.AsSpan(0, length).IndexOf("{\""u8) is >= 0 and var from)
                {
                    return JournalOwner.FromJson(start.AsSpan(from, length - from));
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It went away.
        }

        return null;
    }

    public IReadOnlyList<string> Notes() => [.. All(".note")];

    /// <summary>Removes what is left, the lock last.</summary>
    public void DeleteAll(JournalLock heldLock)
    {
        foreach (var path in All("").Where(path => path != Lock))
        {
            File.Delete(path);
        }

        heldLock.DeleteAndDispose();
        if (_prefix.Length == 0)
        {
            try
            {
                Directory.Delete(_folder);
            }
            catch (IOException)
            {
                // Something that is not ours lies in it, and stays.
            }
        }
    }

    private static IEnumerable<JournalFiles> All(JournalPlace place) => !Directory.Exists(place.Folder) ? []
        : place.InsideStore
            ? Directory.EnumerateFiles(place.Folder, FilePrefix + "*." + LockName)
                .Select(path => new JournalFiles(place.Folder, Path.GetFileName(path)[..^LockName.Length]))
            : Directory.EnumerateDirectories(place.Folder)
                .Where(folder => File.Exists(Path.Combine(folder, LockName)))
                .Select(folder => new JournalFiles(folder, ""));

    private IEnumerable<string> All(string suffix)
        => Directory.Exists(_folder) ? Directory.EnumerateFiles(_folder, _prefix + "*" + suffix) : [];

    private string Named(string name) => Path.Combine(_folder, _prefix + name);

    private int ParseNumber(string path) => int.TryParse(
        Path.GetFileName(path).AsSpan(_prefix.Length)[..^SegmentSuffix.Length], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        ? number
        : 0;
}
