using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ModelTrack.Client.Backends.Files;

/// <summary>The right to append without the right to write elsewhere, which .NET's own file modes cannot ask for.</summary>
internal static partial class WindowsAppend
{
    private const uint ReadAndAppend = 0x120089 | 0x4; // FILE_GENERIC_READ | FILE_APPEND_DATA
    private const uint ShareAll = 0x7;
    private const uint OpenExisting = 3;
    private const uint NormalAttributes = 0x80;
    private const int FileNotFound = 2;
    private const int PathNotFound = 3;

    public static SafeFileHandle? TryOpen(string path, out bool isMissing)
    {
        var handle = CreateFile(path, ReadAndAppend, ShareAll, 0, OpenExisting, NormalAttributes, 0);
        isMissing = handle.IsInvalid && Marshal.GetLastPInvokeError() is FileNotFound or PathNotFound;
        return handle.IsInvalid ? null : handle;
    }

    [LibraryImport("kernel32", EntryPoint = "CreateFileW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    private static partial SafeFileHandle CreateFile(
        string path, uint access, uint share, nint security, uint disposition, uint attributes, nint template);
}
