namespace ModelTrack.Client;

/// <summary>What <see cref="TrackerOptions.TokenProvider"/> is asked for.</summary>
public sealed class TokenRequest
{
    /// <summary>Creates one; useful in tests of a provider.</summary>
    /// <param name="server">The server that the token is for.</param>
    /// <param name="isRenewal">Whether the server has refused the token that was given last.</param>
    public TokenRequest(Uri server, bool isRenewal)
    {
        ArgumentNullException.ThrowIfNull(server);
        Server = server;
        IsRenewal = isRenewal;
    }

    /// <summary>The server that the token is for.</summary>
    public Uri Server { get; }

    /// <summary>
    /// Whether the server has refused the token that was given last (HTTP 401): a provider that keeps tokens should fetch a new one now. If
    /// it gives the same one again the request fails.
    /// </summary>
    public bool IsRenewal { get; }
}
