namespace ModelTrack.Client.Fakes;

/// <summary>A point of a metric as it is stored.</summary>
/// <param name="Value">The value.</param>
/// <param name="Step">The step.</param>
/// <param name="Timestamp">The time in milliseconds.</param>
public readonly record struct FakePoint(double Value, long Step, long Timestamp);
