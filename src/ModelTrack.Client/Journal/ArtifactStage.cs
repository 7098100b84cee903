using System.Globalization;
using System.Text.Json;

namespace ModelTrack.Client.Journal;

/// <summary>
/// Copies of files that wait beside the journal until a server has them. A copy is whole before its record is written; one without a
/// record (its writer was killed) goes with the journal. Where the file system can, <see cref="File.Copy(string, string)"/> shares the
/// blocks with the original instead of copying them. Safe for calls from several threads.
/// </summary>
internal sealed class ArtifactStage : IDisposable
{
    private const string Nowhere = "none";

    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(50);

    private readonly JournalFiles? _files;
    private readonly long _byteCap;
    private readonly TimeSpan _fullTimeout;
    private readonly TimeProvider _clock;
    private readonly object _gate = new();
    private readonly Lazy<string> _ownFolder;
    private long _bytes;
    private int _count;

    /// <param name="files">The journal's; null when that is in memory: then the files lie in the temporary folder.</param>
    /// <param name="byteCap">The greatest sum of the files' sizes.</param>
    /// <param name="fullTimeout">How long to wait for room.</param>
    /// <param name="clock">The clock.</param>
    public ArtifactStage(JournalFiles? files, long byteCap, TimeSpan fullTimeout, TimeProvider clock)
    {
        _files = files;
        _byteCap = byteCap;
        _fullTimeout = fullTimeout;
        _clock = clock;
        _ownFolder = new Lazy<string>(() =>
        {
            var folder = Path.Combine(Path.GetTempPath(), "modeltrack-" + Guid.NewGuid().ToString("N"));
            OwnerOnly.CreateFolder(folder);
            return folder;
        });
    }

    /// <summary>That of a journal that was taken over, to which nothing is added.</summary>
    public static ArtifactStage Of(JournalFiles files, TimeProvider clock) => new(files, 0, TimeSpan.Zero, clock);

    /// <summary>Copies a file.</summary>
    /// <returns>The copy's name.</returns>
    /// <exception cref="IOException">It cannot be read, the disk is full, or the stage is and stays so.</exception>
    public string Add(string localFile)
    {
        var length = new FileInfo(localFile).Length;
        return Add(length, staged =>
        {
            File.Copy(localFile, staged);
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(staged, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }
        });
    }

    /// <summary>As the other, for the rest of a stream.</summary>
    public string Add(Stream content) => Add(content.CanSeek ? content.Length - content.Position : 0, staged =>
    {
        using var handle = OwnerOnly.CreateFile(staged);
        using var file = new FileStream(handle, FileAccess.Write, 1 << 16);
        content.CopyTo(file);
    });

    /// <summary>Copies a model's files, and beside them its description.</summary>
    /// <returns>The description's name.</returns>
    /// <exception cref="IOException">As for a single file; none of them stays then.</exception>
    public string AddModel(ModelDraft draft)
    {
        var names = new List<string>();
        try
        {
            foreach (var file in draft.Files)
            {
                names.Add(Add(file.File));
            }

            var waiting = draft with { Files = [.. draft.Files.Select((file, index) => file with { File = names[index] })] };
            using var description = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(waiting, ModelDraftJson.Default.ModelDraft));
            return Add(description);
        }
        catch
        {
            names.ForEach(Remove);
            throw;
        }
    }

    /// <summary>The description of a model whose files wait, with their names here; null when it is gone or damaged.</summary>
    public ModelDraft? ReadModel(string name)
    {
        try
        {
            var draft = JsonSerializer.Deserialize(File.ReadAllBytes(PathOf(name)), ModelDraftJson.Default.ModelDraft);
            return draft is { Key: not null, Name: not null, Manifest: not null, Files: not null }
                && draft.Files.All(file => file is { Path: not null, File: not null })
                ? draft
                : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Removes a model's files and its description.</summary>
    public void RemoveModel(string name)
    {
        foreach (var file in ReadModel(name)?.Files ?? [])
        {
            Remove(file.File);
        }

        Remove(name);
    }

    /// <summary>
    /// Where a file waits. A name of another form than that which is given to files (it comes from a damaged record, or from somebody else)
    /// leads to no file, and never out of the stage.
    /// </summary>
    public string PathOf(string name)
    {
        var known = name.Length > 0 && name.AsSpan().IndexOfAnyExceptInRange('0', '9') < 0 ? name : Nowhere;
        return _files?.Staged(known) ?? Path.Combine(_ownFolder.Value, known);
    }

    /// <summary>Removes a file that is stored.</summary>
    public void Remove(string name)
    {
        try
        {
            var file = new FileInfo(PathOf(name));
            if (file.Exists)
            {
                Release(file.Length);
                file.Delete();
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It goes with the journal.
        }
    }

    /// <summary>Takes a file that was refused out of the stage, to be kept.</summary>
    public void Keep(string name, string destination)
    {
        var path = PathOf(name);
        var length = new FileInfo(path).Length;
        File.Move(path, destination, overwrite: false);
        Release(length);
    }

    public void Dispose()
    {
        if (_ownFolder.IsValueCreated)
        {
            Directory.Delete(_ownFolder.Value, recursive: true);
        }
    }

    private string Add(long expected, Action<string> write)
    {
        Reserve(expected);
        var name = Interlocked.Increment(ref _count).ToString("d8", CultureInfo.InvariantCulture);
        var path = PathOf(name);
        try
        {
            write(path);
        }
        catch
        {
            Release(expected);
            TryDelete(path);
            throw;
        }

        // A stream may have been longer than it said; what is there is what counts.
        Release(expected - new FileInfo(path).Length);
        return name;
    }

    private void Reserve(long length)
    {
        lock (_gate)
        {
            var start = _clock.GetTimestamp();
            while (_bytes > 0 && _bytes + length > _byteCap)
            {
                var left = _fullTimeout - _clock.GetElapsedTime(start);
                if (left <= TimeSpan.Zero)
                {
                    throw new IOException(string.Create(
                        CultureInfo.InvariantCulture,
                        $"Files of {_bytes} bytes wait to be sent to the server; with {length} more they would exceed the limit of {_byteCap} "
                        + $"bytes (TrackerOptions.ArtifactByteCap)."));
                }

                Monitor.Wait(_gate, left < LookAgain ? left : LookAgain);
            }

            _bytes += length;
        }
    }

    private void Release(long length)
    {
        lock (_gate)
        {
            _bytes -= length;
            Monitor.PulseAll(_gate);
        }
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The exception that brought us here says more.
        }
    }
}
