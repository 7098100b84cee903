using Microsoft.Win32.SafeHandles;

namespace ModelTrack.Client.Backends.Files;

/// <summary>
/// The one temporary file of a run folder's writer, beside <c>params</c>, <c>tags</c> and <c>metrics</c>, where MLflow ignores it. Used
/// under the run's lock; what a killed process left of it is removed by the next one.
/// </summary>
internal sealed class TempFile(string runFolder)
{
    private readonly string _path = runFolder + "/" + FileLayout.TempPrefix + "writer";

    public SafeFileHandle Create()
    {
        try
        {
            return CreateNew();
        }
        catch (IOException) when (File.Exists(_path))
        {
            // Never truncated: a process killed at the wrong moment left it as a second name of a file that is in use.
            File.Delete(_path);
            return CreateNew();
        }
    }

    public void Write(ReadOnlySpan<byte> content)
    {
        try
        {
            using var handle = Create();
            RandomAccess.Write(handle, content, 0);
        }
        catch
        {
            Discard();
            throw;
        }
    }

    /// <summary>Gives the file its name; false when somebody else has made a file of that name.</summary>
    public bool TryMoveToNew(string target)
    {
        try
        {
            File.Move(_path, target, overwrite: false);
            return true;
        }
        catch (IOException) when (File.Exists(target))
        {
            Discard();
            return false;
        }
        catch
        {
            Discard();
            throw;
        }
    }

    public void MoveOver(string target)
    {
        try
        {
            File.Move(_path, target, overwrite: true);
        }
        catch
        {
            Discard();
            throw;
        }
    }

    public void Discard() => AtomicFile.TryDelete(_path);

    private SafeFileHandle CreateNew() => File.OpenHandle(_path, FileMode.CreateNew, FileAccess.Write, FileShare.Read | FileShare.Delete);
}
