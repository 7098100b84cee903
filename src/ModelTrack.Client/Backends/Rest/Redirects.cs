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
        return (keepsMethod || isSafe) && TargetOf(request, response) is { } to && StaysHome(request, to) ? to : null;
    }

    /// <summary>
    /// Says of a redirect that was not followed where it leads, without query and user info, which may be secret, why that was it, and what
    /// tracking URI leads there directly.
    /// </summary>
    public static string Advice(HttpResponseMessage response, ServerConnection connection)
    {
        if (response.RequestMessage is not { } request || TargetOf(request, response) is not { } to)
        {
            return " It redirects without a usable address.";
        }

        var staysHome = StaysHome(request, to);
        var why = to.UserInfo.Length > 0 ? "there is a user name in it"
            : !staysHome ? "that is another origin"
            : !connection.Settings.FollowsRedirects ? "MLFLOW_ALLOW_HTTP_REDIRECTS forbids it"
            : Follow(request, response) is null ? $"a {request.Method} follows 307 and 308 alone, since others take its body away"
            : "too many redirects came before it";
        var address = to.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
        var text = $" It redirects to {address}, which is not followed: {why}.";
        if (!connection.IsOwn(request.RequestUri))
        {
            return text;
        }

        return TrackingUriOf(request, to, connection) is { } better ? text + $" If it is the server's, use {better} as the tracking URI."
            : staysHome ? text + " Check the tracking URI and whether a proxy asks for a login."
            : text + " If it is the server's, use its address as the tracking URI.";
    }

    private static Uri? TargetOf(HttpRequestMessage request, HttpResponseMessage response)
        => request.RequestUri is { } from && response.Headers.Location is { } location && Uri.TryCreate(from, location, out var to) ? to : null;

    private static bool StaysHome(HttpRequestMessage request, Uri to)
        => to.UserInfo.Length == 0 && Origin.IsSameOrBetter(request.RequestUri!, to);

    /// <summary>What the redirect makes of the server's address: it ends with the route that was asked for. Null when it leads elsewhere.</summary>
    private static string? TrackingUriOf(HttpRequestMessage request, Uri to, ServerConnection connection)
    {
        var prefix = connection.BaseUri.AbsolutePath.TrimEnd('/');
        var asked = request.RequestUri!.AbsolutePath;
        if (!asked.StartsWith(prefix + "/", StringComparison.Ordinal) || !to.AbsolutePath.EndsWith(asked[prefix.Length..], StringComparison.Ordinal))
        {
            return null;
        }

        var path = to.AbsolutePath[..^(asked.Length - prefix.Length)];
        var address = to.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped) + path;
        return address == connection.BaseUri.AbsoluteUri.TrimEnd('/') ? null : address;
    }
}
