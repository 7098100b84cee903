namespace ModelTrack.Client.Backends.Files;

/// <summary>What the writer of a run's folder needs of the rest: the run's lock and its <c>meta.yaml</c>.</summary>
internal interface IRunGuard
{
    /// <summary>Waits until nobody else changes the run.</summary>
    /// <exception cref="IOException">It takes too long.</exception>
    IDisposable Lock(string runFolder, CancellationToken cancellationToken);

    bool IsDeleted(string runFolder, CancellationToken cancellationToken);

    /// <summary>Changes <c>run_name</c>; called under the lock.</summary>
    /// <exception cref="InvalidDataException">The <c>meta.yaml</c> is damaged.</exception>
    void SetName(string runFolder, string name, CancellationToken cancellationToken);

    /// <summary>Changes <c>status</c> and, unless null, <c>end_time</c>; called under the lock.</summary>
    /// <exception cref="InvalidDataException">The <c>meta.yaml</c> is damaged.</exception>
    void SetStatus(string runFolder, StatusRecord status, CancellationToken cancellationToken);
}
