using System.Diagnostics;

namespace ModelTrack.Client.Telemetry;

/// <summary>
/// The activity source <c>ModelTrack.Client</c>: what takes its time, and its errors. Single requests are the HTTP client's own activities, and become
/// children of these.
/// </summary>
internal static class ClientActivities
{
    private static readonly ActivitySource Source = new(ClientMeter.Name, typeof(ClientActivities).Assembly.GetName().Version?.ToString(3));

    /// <summary>Null when nobody listens. Dispose it at the end.</summary>
    /// <param name="name">What is done.</param>
    /// <param name="destination">The store: a tracking URI without user info.</param>
    public static Activity? Start(string name, string destination)
    {
        var activity = Source.StartActivity(name, ActivityKind.Client);
        if (activity is { IsAllDataRequested: true })
        {
            activity.SetTag("modeltrack.destination", destination);
            if (Uri.TryCreate(destination, UriKind.Absolute, out var uri) && uri is { IsFile: false, Host.Length: > 0 })
            {
                activity.SetTag("server.address", uri.Host).SetTag("server.port", uri.Port);
            }
        }

        return activity;
    }

    /// <summary>Does something as an activity, which has failed when that throws.</summary>
    public static async Task<T> TraceAsync<T>(string name, string destination, Func<Activity?, Task<T>> work)
    {
        using var activity = Start(name, destination);
        try
        {
            return await work(activity).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            activity.Fail(e);
            throw;
        }
    }

    public static void Fail(this Activity? activity, Exception e)
        => activity?.SetStatus(ActivityStatusCode.Error, e.Message).SetTag("error.type", ErrorTypeOf(e));

    /// <summary>A word for a kind of failure, of which there are few.</summary>
    public static string ErrorTypeOf(Exception e) => e is ModelTrackException known ? known.ErrorCode : e.GetType().FullName ?? e.GetType().Name;
}
