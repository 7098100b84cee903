namespace ModelTrack.Client.Journal;

/// <summary>
/// Decides whether a mapping can be trusted on the file system of a folder. A mapped write cannot fail politely: where the page cannot
/// be had, the process dies.
/// </summary>
internal static class FileSystemTrust
{
    /// <summary>Below this much free space a copy-on-write file system is treated as full.</summary>
    private const long CopyOnWriteReserve = 1L << 30;

    private static readonly string[] CopyOnWrite = ["btrfs", "zfs", "apfs", "bcachefs", "ReFS"];

    private static readonly string[] InPlace =
    [
        "ext", "ext2", "ext3", "ext4", "xfs", "f2fs", "jfs", "reiserfs", "tmpfs", "ramfs", "overlay", "overlayfs", "NTFS", "hfs",
    ];

    public static SegmentMode ModeFor(string folder)
    {
        try
        {
            var drive = DriveOf(folder);
            if (drive is null)
            {
                return SegmentMode.WriteThrough;
            }

            return IsOneOf(InPlace, drive) || (IsOneOf(CopyOnWrite, drive) && drive.AvailableFreeSpace > CopyOnWriteReserve)
                ? SegmentMode.Mapped
                : SegmentMode.WriteThrough;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return SegmentMode.WriteThrough;
        }
    }

    /// <summary>Whether what another process has changed shows at once by a file's time and length; on a network's it may take a minute.</summary>
    public static bool ShowsChangesAtOnce(string folder)
    {
        try
        {
            return DriveOf(folder) is { } drive && (IsOneOf(InPlace, drive) || IsOneOf(CopyOnWrite, drive));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static bool IsOneOf(string[] formats, DriveInfo drive) => formats.Contains(drive.DriveFormat, StringComparer.OrdinalIgnoreCase);

    /// <summary>On Unix DriveInfo asks the system (statfs) about the very path that it is given.</summary>
    private static DriveInfo? DriveOf(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return Path.GetPathRoot(folder) is { Length: > 0 } root && !root.StartsWith(@"\\", StringComparison.Ordinal) ? new DriveInfo(root) : null;
        }

        return new DriveInfo(folder);
    }
}
