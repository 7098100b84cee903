namespace ModelTrack.Client.Backends.Files;

/// <summary>The lock under which a run's folder is changed. Reading needs none.</summary>
internal static class RunLock
{
    /// <exception cref="IOException">Somebody else holds it, for long.</exception>
    /// <exception cref="DirectoryNotFoundException">The folder is not there (any more).</exception>
    public static LockFile Acquire(string runFolder, TimeProvider clock, CancellationToken cancellationToken)
        => LockFile.Acquire(runFolder + "/" + LockFile.Name, clock, cancellationToken);
}
