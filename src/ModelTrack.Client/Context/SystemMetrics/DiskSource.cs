namespace ModelTrack.Client;

/// <summary>The volume of the root folder; on Windows that of the working folder.</summary>
internal sealed class DiskSource : ISystemSource
{
    private readonly DriveInfo _drive = new(Path.GetPathRoot(Environment.CurrentDirectory) ?? "/");

    public IEnumerable<SystemSample> Read()
    {
        // What is free, but kept for the system, is neither used nor available.
        var used = (double)(_drive.TotalSize - _drive.TotalFreeSpace);
        var available = (double)_drive.AvailableFreeSpace;
        if (used + available > 0)
        {
            yield return new("disk_usage_percentage", used / (used + available) * 100);
        }

        yield return new("disk_usage_megabytes", used / 1e6);
        yield return new("disk_available_megabytes", available / 1e6);
    }
}
