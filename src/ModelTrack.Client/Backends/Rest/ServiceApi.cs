using System.Text;
using ModelTrack.Client.Backends.Rest.Wire;

namespace ModelTrack.Client.Backends.Rest;

/// <summary>What a server says of itself.</summary>
internal sealed class ServiceApi(RestSender sender)
{
    private const int LongestVersion = 64;

    /// <summary>The version, for example <c>3.11.1</c>; null before 2.1, which did not say, and where something else answers.</summary>
    public async Task<string?> GetVersionAsync(CancellationToken cancellationToken)
    {
        try
        {
            var text = Encoding.UTF8.GetString(await sender.GetBytesAsync("version", [], cancellationToken).ConfigureAwait(false)).Trim();
            return text.Length is > 0 and <= LongestVersion && char.IsAsciiDigit(text[0]) ? text : null;
        }
        catch (ModelTrackException e) when (RestErrors.IsMissingRoute(e))
        {
            return null;
        }
    }

    /// <summary>Whether the server says that it is well.</summary>
    public async Task<bool> IsHealthyAsync(CancellationToken cancellationToken)
    {
        var body = await sender.GetBytesAsync("health", [], cancellationToken).ConfigureAwait(false);
        return body.AsSpan().Trim(" \r\n"u8).SequenceEqual("OK"u8);
    }

    /// <summary>What kind of store the server has; null before 3.10, which did not say.</summary>
    public async Task<ServerInfoResponse?> GetServerInfoAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await sender.GetAsync("api/3.0/mlflow/server-info", [], RestJson.Default.ServerInfoResponse, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (ModelTrackException e) when (RestErrors.IsMissingRoute(e))
        {
            return null;
        }
    }
}
