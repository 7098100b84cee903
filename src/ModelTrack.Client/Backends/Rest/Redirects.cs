using System.Net;

namespace ModelTrack.Client.Backends.Rest;

/// <summary>
/// Which redirects are followed: those that leave the request as it is, to the same origin, or to what <see cref="Origin"/> takes for it. All
/// others are errors: a request must not lose its body, nor its credentials reach another host.
/// </summary>
internal static class Redirects
{
    /// <summary>Where to send the request again; null when the answer is no redirect that is followed.</summary>
    public static Uri? Follow(HttpRequestMessage request, HttpResponseMessage response)
    {
        var keepsMethod = response.StatusCode is HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect;
        var isSafe = request.Method == HttpMethod.Get
            && response.StatusCode is HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther;
        if ((!keepsMethod && !isSafe) || response.Headers.Location is not { } location || request.RequestUri is not { } from)
        {
            return null;
        }

        var to = location.IsAbsoluteUri ? location : new Uri(from, location);
        return to.UserInfo.Length == 0 && Origin.IsSameOrBetter(from, to) ? to : null;
    }
}
