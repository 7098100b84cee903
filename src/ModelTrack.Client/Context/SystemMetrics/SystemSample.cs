namespace ModelTrack.Client;

/// <param name="Name">MLflow's name, without <c>system/</c>.</param>
/// <param name="Value">In the unit that the name ends with; a megabyte is a million bytes, as in MLflow.</param>
/// <param name="IsTotal">It counts from the monitor's start: the last one is logged, and not the mean.</param>
internal readonly record struct SystemSample(string Name, double Value, bool IsTotal = false);
