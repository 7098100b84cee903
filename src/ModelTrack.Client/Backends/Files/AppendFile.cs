using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ModelTrack.Client.Backends.Files;

/// <summary>
/// Files opened such that the system itself puts every write at the end, which MLflow's Python does too. <see cref="FileMode.Append"/>
/// of .NET does not: it remembers where the end was when the file was opened and writes there, over what others appended since.
/// </summary>
internal static partial class AppendFile
{
    private const int NoSuchFile = 2;
    private const int Interrupted = 4;

    /// <summary>Opens an existing file for reading and appending; null when there is none.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static SafeFileHandle? TryOpen(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            var opened = WindowsAppend.TryOpen(path, out var isMissing);
            return opened is not null || isMissing ? opened : throw Failure("opened", path);
        }

        while (true)
        {
            // Never creates: the mode would be a variadic argument, and an empty file among the metrics stops MLflow's search.
            var descriptor = Open(path, OpenFlags());
            if (descriptor >= 0)
            {
                return new SafeFileHandle(descriptor, ownsHandle: true);
            }

            switch (Marshal.GetLastPInvokeError())
            {
                case NoSuchFile:
                    return null;
                case Interrupted:
                    continue;
                default:
                    throw Failure("opened", path);
            }
        }
    }

    /// <summary>Appends with one system call. Returns how much was written, which is less than all when the disk becomes full.</summary>
    public static int Append(SafeFileHandle handle, ReadOnlySpan<byte> bytes, string path)
    {
        if (OperatingSystem.IsWindows())
        {
            // The access right is to append only, so the system does not look at the offset.
            RandomAccess.Write(handle, bytes, 0);
            return bytes.Length;
        }

        while (true)
        {
            var written = Write(handle, bytes, bytes.Length);
            if (written >= 0)
            {
                return (int)written;
            }

            if (Marshal.GetLastPInvokeError() != Interrupted)
            {
                throw Failure("appended to", path);
            }
        }
    }

    private static IOException Failure(string what, string path)
        => new($"'{path}' cannot be {what}: {Marshal.GetLastPInvokeErrorMessage()}");

    // Read and write, append, close on exec: the numbers differ between Linux and the BSDs.
    private static int OpenFlags()
        => OperatingSystem.IsLinux() || OperatingSystem.IsAndroid() ? 0x2 | 0x400 | 0x80000
            : OperatingSystem.IsFreeBSD() ? 0x2 | 0x8 | 0x100000
            : 0x2 | 0x8 | 0x1000000;

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(SafeFileHandle handle, ReadOnlySpan<byte> bytes, nint count);
}
