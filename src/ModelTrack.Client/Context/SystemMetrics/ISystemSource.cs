namespace ModelTrack.Client;

/// <summary>Something of the machine that is sampled while a run is open. Used by one monitor, one call at a time.</summary>
internal interface ISystemSource
{
    /// <summary>The values at this moment; what cannot be said yet, or on this machine, is left out.</summary>
    /// <exception cref="Exception">It cannot be read; it is not asked again.</exception>
    IEnumerable<SystemSample> Read();
}
