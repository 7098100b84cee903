using System.Net.Http.Headers;
using System.Text;

namespace ModelTrack.Client;

/// <summary>A name and a password.</summary>
internal sealed class BasicCredentials(string name, string password) : ServerCredentials
{
    private readonly AuthenticationHeaderValue _header
        = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{name}:{password}")));

    public override ValueTask AuthorizeAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.Authorization = _header;
        return default;
    }
}
