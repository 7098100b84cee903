using System.Diagnostics;

namespace ModelTrack.Client.Torture.Scenarios;

/// <summary>A disk of its own, in memory: to be filled, or to be made read-only. Gone when it is disposed.</summary>
internal sealed class SmallDisk : IDisposable
{
    public const string WhyNone = "a small disk cannot be mounted here (that needs Linux, root and the right to mount)";

    private SmallDisk(string path) => Path = path;

    public string Path { get; }

    private string Filler => System.IO.Path.Combine(Path, "filler");

    /// <summary>Null where none can be mounted.</summary>
    public static SmallDisk? TryMount(string path, int megabytes)
        => OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess && Shell("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", path)
            ? new SmallDisk(path)
            : null;

    /// <summary>Not a byte finds room from now on.</summary>
    public void Fill()
    {
        using var file = File.OpenHandle(Filler, FileMode.Create, FileAccess.Write);
        var block = new byte[4096];
        try
        {
            for (long at = 0; ; at += block.Length)
            {
                RandomAccess.Write(file, block, at);
            }
        }
        catch (IOException)
        {
            // Full.
        }
    }

    public void Empty() => File.Delete(Filler);

    public void MakeReadOnly() => _ = Shell("mount", "-o", "remount,ro", Path);

    public void Dispose() => Shell("umount", "-l", Path);

    private static bool Shell(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
