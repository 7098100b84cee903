namespace ModelTrack.Client;

/// <summary>How one HTTP request is sent: MLflow's <c>MLFLOW_HTTP_…</c> variables, with fewer tries, because the dispatcher has its own.</summary>
internal sealed record HttpSettings
{
    /// <summary>How often a request is tried again after its first try.</summary>
    public int Retries { get; init; } = 3;

    /// <summary>The longest wait before the first repetition; doubles for each further one. A random part of it is waited.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromMilliseconds(500);

    public TimeSpan LongestDelay { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>For one try, from sending to the end of the answer's body. Files that are streamed have it for each pause.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(120);

    public bool RespectsRetryAfter { get; init; } = true;

    /// <summary>What a server asks for is waited at most this long within one send.</summary>
    public TimeSpan LongestRetryAfter { get; init; } = TimeSpan.FromSeconds(30);

    public bool FollowsRedirects { get; init; } = true;
}
