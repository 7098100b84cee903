using System.Net;
using System.Net.Sockets;
using Polly;
using Polly.Retry;

namespace ModelTrack.Client.Backends.Rest;

/// <summary>When one send is tried again by itself, and after how long. A server that is away for longer is the dispatcher's business.</summary>
internal static class RetryRules
{
    public static ResiliencePipeline<RestAnswer> Pipeline(HttpSettings settings, TimeProvider clock, bool mayRepeat)
    {
        if (settings.Retries == 0)
        {
            return ResiliencePipeline<RestAnswer>.Empty;
        }

        return new ResiliencePipelineBuilder<RestAnswer> { TimeProvider = clock }
            .AddRetry(new RetryStrategyOptions<RestAnswer>
            {
                MaxRetryAttempts = settings.Retries,
                ShouldHandle = arguments => ValueTask.FromResult(ShouldRepeat(arguments.Outcome, mayRepeat)),
                DelayGenerator = arguments => ValueTask.FromResult<TimeSpan?>(Delay(arguments, settings, clock)),
                OnRetry = arguments =>
                {
                    arguments.Outcome.Result?.Dispose();
                    return default;
                },
            })
            .Build();
    }

    /// <summary>The connection failed, or no whole answer came in time.</summary>
    public static bool IsTransportFailure(Exception exception) => exception is HttpRequestException or TimeoutException or IOException;

    /// <summary>There was no connection, so that the server has seen nothing.</summary>
    public static bool IsBeforeSending(Exception exception)
        => exception is HttpRequestException
        {
            HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError
                or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError,
        }
        || exception.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused };

    /// <summary>The server failed, somewhere in the middle of it perhaps.</summary>
    public static bool MayBeApplied(HttpStatusCode status) => (int)status >= 500 || status == HttpStatusCode.RequestTimeout;

    public static TimeSpan? RetryAfter(HttpResponseMessage response, TimeProvider clock)
    {
        if (response.Headers.RetryAfter is not { } header)
        {
            return null;
        }

        var wait = header.Delta ?? header.Date - clock.GetUtcNow();
        return wait is { } time ? (time > TimeSpan.Zero ? time : TimeSpan.Zero) : null;
    }

    private static bool ShouldRepeat(Outcome<RestAnswer> outcome, bool mayRepeat)
    {
        if (outcome.Exception is { } exception)
        {
            return IsTransportFailure(exception) && (mayRepeat ? !IsHopeless(exception) : IsBeforeSending(exception) && !IsHopeless(exception));
        }

        // A server that is too busy has not begun. Redirects are transient in the long run only: somebody has to do something.
        var answer = outcome.Result!;
        return !answer.IsSuccess
            && (int)answer.Response.StatusCode >= 400
            && RestErrors.IsTransient(answer)
            && (mayRepeat || answer.Response.StatusCode == HttpStatusCode.TooManyRequests);
    }

    /// <summary>A certificate that is not trusted now will not be in a second.</summary>
    private static bool IsHopeless(Exception exception)
        => exception is HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError };

    private static TimeSpan Delay(RetryDelayGeneratorArguments<RestAnswer> arguments, HttpSettings settings, TimeProvider clock)
    {
        if (settings.RespectsRetryAfter && arguments.Outcome.Result is { } answer && RetryAfter(answer.Response, clock) is { } asked)
        {
            return asked < settings.LongestRetryAfter ? asked : settings.LongestRetryAfter;
        }

        var full = Math.Min(settings.LongestDelay.TotalMilliseconds, settings.FirstDelay.TotalMilliseconds * Math.Pow(2, arguments.AttemptNumber));
#pragma warning disable CA5394 // Clients must not come back all at once; nobody gains by foreseeing when they do.
        return TimeSpan.FromMilliseconds((full + settings.Jitter.TotalMilliseconds) * Random.Shared.NextDouble());
#pragma warning restore CA5394
    }
}
