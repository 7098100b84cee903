using System.Globalization;
using System.IO.MemoryMappedFiles;
using System.Text;

namespace ModelTrack.Client.Torture.Writers;

/// <summary>
/// What one session (a run as one process writes it) has been promised: a mapped file, which the kernel keeps when the process is killed.
/// Each thread counts its own calls, after each has returned. So a call that was under way when the process was killed is one more than is
/// counted, if it is stored at all.
/// </summary>
internal sealed class Ledger : IDisposable
{
    private const int StateAt = 0;
    private const int ThreadsAt = 8;
    private const int StatusAt = 16;
    private const int ResumesAt = 24;
    private const int RunIdAt = 32;
    private const int RunNameAt = 96;
    private const int ParentNameAt = 224;
    private const int ThreadAt = 384;
    private const int ThreadSize = 64;
    private const string Extension = ".ledger";

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    private Ledger(string path, MemoryMappedFile file)
    {
        Session = Path.GetFileNameWithoutExtension(path);
        _file = file;
        _view = file.CreateViewAccessor();
    }

    /// <summary>Its name, which sorts by time among those of one writer.</summary>
    public string Session { get; }

    public SessionState State
    {
        get => (SessionState)_view.ReadInt64(StateAt);
        set => _view.Write(StateAt, (long)value);
    }

    public int Threads => _view.ReadInt32(ThreadsAt);

    /// <summary>What the session ends its run with.</summary>
    public RunStatus EndStatus
    {
        get => (RunStatus)_view.ReadInt32(StatusAt);
        set => _view.Write(StatusAt, (int)value);
    }

    /// <summary>Whether it goes on with the run of an earlier session.</summary>
    public bool Resumes
    {
        get => _view.ReadInt32(ResumesAt) != 0;
        init => _view.Write(ResumesAt, value ? 1 : 0);
    }

    /// <summary>Empty while it is not known.</summary>
    public string RunId
    {
        get => Read(RunIdAt);
        set => Write(RunIdAt, value);
    }

    public string RunName
    {
        get => Read(RunNameAt);
        init => Write(RunNameAt, value);
    }

    /// <summary>Empty for a run without a parent.</summary>
    public string ParentName
    {
        get => Read(ParentNameAt);
        init => Write(ParentNameAt, value);
    }

    public static Ledger Create(string folder, string session, int threads, string runName, string parentName, bool resumes)
    {
        // Whole before it has its name: a ledger that is there has a run's name in it.
        var path = Path.Combine(folder, session + Extension);
        using (var ledger = new Ledger(path, MemoryMappedFile.CreateFromFile(path + ".new", FileMode.Create, null, ThreadAt + (threads * ThreadSize)))
        {
            RunName = runName,
            ParentName = parentName,
            Resumes = resumes,
        })
        {
            ledger._view.Write(ThreadsAt, threads);
        }

        File.Move(path + ".new", path);
        return Open(path);
    }

    /// <summary>The ledgers whose sessions begin with a prefix, in the order of their names. The caller disposes them.</summary>
    public static List<Ledger> OpenAll(string folder, string prefix = "")
        => [.. Directory.GetFiles(folder, $"{prefix}*{Extension}").Order(StringComparer.Ordinal).Select(Open)];

    public long Count(int thread, Kind kind) => _view.ReadInt64(At(thread, (int)kind));

    public void SetCount(int thread, Kind kind, long count) => _view.Write(At(thread, (int)kind), count);

    /// <summary>The longest that a call of the thread took.</summary>
    public TimeSpan Longest(int thread) => new(_view.ReadInt64(At(thread, LongestSlot)));

    public void SetLongest(int thread, TimeSpan longest) => _view.Write(At(thread, LongestSlot), longest.Ticks);

    /// <summary>How many calls threw, for want of a disk or a handle, and were made again.</summary>
    public long Refused(int thread) => _view.ReadInt64(At(thread, RefusedSlot));

    public void CountRefused(int thread) => _view.Write(At(thread, RefusedSlot), Refused(thread) + 1);

    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
    }

    private const int LongestSlot = 6;
    private const int RefusedSlot = 7;

    private static Ledger Open(string path) => new(path, MemoryMappedFile.CreateFromFile(path, FileMode.Open));

    private static int At(int thread, int slot) => ThreadAt + (thread * ThreadSize) + (slot * sizeof(long));

    private string Read(int at)
    {
        var length = _view.ReadInt32(at);
        var bytes = new byte[length];
        _view.ReadArray(at + sizeof(int), bytes, 0, length);
        return Encoding.UTF8.GetString(bytes);
    }

    private void Write(int at, string text)
    {
        // The length last: who reads it finds the text.
        var bytes = Encoding.UTF8.GetBytes(text);
        _view.WriteArray(at + sizeof(int), bytes, 0, bytes.Length);
        _view.Write(at, bytes.Length);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Session} of {RunName}: {State}");
}
