using System.Net.Http.Headers;

namespace ModelTrack.Client;

/// <summary>A token that stays.</summary>
internal sealed class BearerToken : ServerCredentials
{
    private readonly AuthenticationHeaderValue _header;

    /// <param name="token">The token. White space around it, as a file's last line end, is left out.</param>
    /// <param name="source">The option or variable that holds it.</param>
    /// <exception cref="ArgumentException">It cannot be sent.</exception>
    public BearerToken(string token, string source)
    {
        token = token.Trim();
        if (!HeaderText.IsVisible(token))
        {
            throw new ArgumentException($"{source} must be visible ASCII characters without spaces. Its value is not shown here.");
        }

        _header = new AuthenticationHeaderValue("Bearer", token);
    }

    public override ValueTask AuthorizeAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.Authorization = _header;
        return default;
    }
}
