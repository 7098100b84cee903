namespace ModelTrack.Client.MLNet;

/// <param name="Key">The metric's key.</param>
/// <param name="Value">Its value.</param>
/// <param name="Step">The iteration, from 1.</param>
internal readonly record struct ProgressPoint(string Key, double Value, long Step);
