namespace ModelTrack.Client;

/// <summary>How one HTTP request is sent: MLflow's <c>MLFLOW_HTTP_…</c> variables, with fewer tries, because the dispatcher has its own.</summary>
internal sealed record HttpSettings
{
    private static readonly TimeSpan LongestRequestTimeout = TimeSpan.FromDays(10);

    /// <summary>How often a request is tried again after its first try.</summary>
    public int Retries { get; init; } = 3;

    /// <summary>The longest wait before the first repetition; doubles for each further one. A random part of it is waited.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromMilliseconds(500);

    public TimeSpan LongestDelay { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A random part of this is waited in addition.</summary>
    public TimeSpan Jitter { get; init; }

    /// <summary>For one try, from sending to the end of the answer's body. Files that are streamed have it for each pause.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(120);

    public bool RespectsRetryAfter { get; init; } = true;

    /// <summary>What a server asks for is waited at most this long within one send.</summary>
    public TimeSpan LongestRetryAfter { get; init; } = TimeSpan.FromSeconds(30);

    public bool FollowsRedirects { get; init; } = true;

    /// <summary>How many connections to one server there may be at a time; null: as many as there are requests.</summary>
    public int? MaxConnections { get; init; }

    /// <summary>How idle connections are kept from being forgotten on the way; null: they are not.</summary>
    public TcpKeepAlive? KeepAlive { get; init; } = new();

    /// <summary>The options, else the variables, else the values above.</summary>
    /// <exception cref="ArgumentException">A variable's value breaks its rule.</exception>
    public static HttpSettings From(TrackerOptions options, TrackingEnvironment environment)
    {
        var defaults = new HttpSettings();
        var factor = environment.GetSeconds(
            "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR", value => value is >= 0 and < 120, "a number of seconds, 0 or more and less than 120");
        _ = environment.GetWhole("MLFLOW_HTTP_POOL_CONNECTIONS", 1, int.MaxValue); // Of pools, one for each host; they are not limited here.
        return new HttpSettings
        {
            Retries = options.MaxRetries ?? environment.GetWhole("MLFLOW_HTTP_REQUEST_MAX_RETRIES", 0, 10) ?? defaults.Retries,
            FirstDelay = factor ?? defaults.FirstDelay,
            LongestDelay = factor is null ? defaults.LongestDelay : TimeSpan.FromSeconds(120),
            Jitter = environment.GetSeconds(
                "MLFLOW_HTTP_REQUEST_BACKOFF_JITTER", value => value is >= 0 and <= 120, "a number of seconds from 0 to 120")
                ?? defaults.Jitter,
            RequestTimeout = options.RequestTimeout
                ?? environment.GetSeconds(
                    "MLFLOW_HTTP_REQUEST_TIMEOUT",
                    value => value >= 0.001 && value <= LongestRequestTimeout.TotalSeconds,
                    $"a number of seconds from 0.001 to {LongestRequestTimeout.TotalSeconds}")
                ?? defaults.RequestTimeout,
            RespectsRetryAfter = environment.GetFlag("MLFLOW_HTTP_RESPECT_RETRY_AFTER_HEADER") ?? defaults.RespectsRetryAfter,
            FollowsRedirects = environment.GetFlag("MLFLOW_ALLOW_HTTP_REDIRECTS") ?? defaults.FollowsRedirects,
            MaxConnections = environment.GetWhole("MLFLOW_HTTP_POOL_MAXSIZE", 1, int.MaxValue),
            KeepAlive = TcpKeepAlive.From(environment),
        };
    }

    public static bool IsRequestTimeout(TimeSpan time)
        => time == Timeout.InfiniteTimeSpan || (time > TimeSpan.Zero && time <= LongestRequestTimeout);
}
