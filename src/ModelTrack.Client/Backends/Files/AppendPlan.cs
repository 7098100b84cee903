namespace ModelTrack.Client.Backends.Files;

/// <summary>What is to be done with a metric file, decided for all files of a batch before the first is touched.</summary>
/// <param name="Step">What.</param>
/// <param name="Start">
/// From where on the batch's lines are to be looked for if this try does not end well: the length before the append, or the place where
/// an earlier try has put them.
/// </param>
/// <param name="Stored">How many bytes of the lines are there already.</param>
/// <param name="Keep">For a rewrite: the length of what stays in front of the lines.</param>
/// <param name="Resume">For a rewrite: where that begins which stays behind them.</param>
/// <param name="CloseLine">For a rewrite: whether a line feed goes before the lines.</param>
internal readonly record struct AppendPlan(
    AppendStep Step, long Start, int Stored = 0, long Keep = 0, long Resume = 0, bool CloseLine = false);
