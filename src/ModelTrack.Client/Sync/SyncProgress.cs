namespace ModelTrack.Client;

/// <summary>How far a sync has come. Reported when something is finished.</summary>
/// <param name="Finished">What was finished just now.</param>
/// <param name="RunsDone">How many runs are finished, copied or not.</param>
public sealed record SyncProgress(SyncItem Finished, int RunsDone);
