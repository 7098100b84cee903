using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ModelTrack.Client.Backends.Files;

/// <summary>
/// A file read from start to end that keeps nobody from writing, renaming or removing it. On Unix the system is called directly: .NET
/// puts an advisory lock on every file that it opens, whatever sharing is asked for, and takes it off again. That would refuse files to
/// .NET programs that write them meanwhile, and be half of the system calls of a search, which reads some 25 files for each run.
/// </summary>
internal sealed partial class SharedFile : IDisposable
{
    private const int Interrupted = 4;

    private readonly SafeFileHandle _handle;
    private readonly string _path;
    private readonly bool _isDirect;
    private long _offset;

    private SharedFile(SafeFileHandle handle, string path, bool isDirect)
    {
        _handle = handle;
        _path = path;
        _isDirect = isDirect;
    }

    /// <exception cref="IOException">It cannot be opened; as <see cref="File.OpenHandle"/> has it.</exception>
    public static SharedFile Open(string path)
    {
        // A name with a zero in it would be cut short by the system; .NET refuses it.
        if (!OperatingSystem.IsWindows() && !path.Contains('\0'))
        {
            var descriptor = OpenDescriptor(path, OpenFlags());
            if (descriptor >= 0)
            {
                return new SharedFile(new SafeFileHandle(descriptor, ownsHandle: true), path, isDirect: true);
            }
        }

        // Where the system refused, .NET tries again and finds the right exception.
        return new SharedFile(
            File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete), path, isDirect: false);
    }

    /// <summary>Reads on into the buffer. Returns how much; 0 at the end.</summary>
    public int Read(Span<byte> buffer)
    {
        if (!_isDirect)
        {
            var count = RandomAccess.Read(_handle, buffer, _offset);
            _offset += count;
            return count;
        }

        while (true)
        {
            var count = Read(_handle, buffer, buffer.Length);
            if (count >= 0)
            {
                return (int)count;
            }

            if (Marshal.GetLastPInvokeError() != Interrupted)
            {
                // A folder, say, which can be opened but not read.
                throw new IOException($"'{_path}' cannot be read: {Marshal.GetLastPInvokeErrorMessage()}");
            }
        }
    }

    public void Dispose() => _handle.Dispose();

    // Read only, close on exec: the numbers differ between Linux and the BSDs.
    private static int OpenFlags()
        => OperatingSystem.IsLinux() || OperatingSystem.IsAndroid() ? 0x80000
            : OperatingSystem.IsFreeBSD() ? 0x100000
            : 0x1000000;

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int OpenDescriptor(string path, int flags);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(SafeFileHandle handle, Span<byte> buffer, nint count);
}
