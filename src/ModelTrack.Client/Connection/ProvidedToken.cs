using System.Net.Http.Headers;

namespace ModelTrack.Client;

/// <summary>
/// Tokens that are asked for: by each request, and once more after one was refused. Many requests may be refused with the same token;
/// one of them asks for the next.
/// </summary>
internal sealed class ProvidedToken(Func<TokenRequest, CancellationToken, ValueTask<string>> provider, Uri server)
    : ServerCredentials, IDisposable
{
    private const string Source = $"{nameof(TrackerOptions)}.{nameof(TrackerOptions.TokenProvider)}";

    /// <summary>How many renewals there had been when a request got its token.</summary>
    private static readonly HttpRequestOptionsKey<int> RenewalsBefore = new("ModelTrack.Client.Renewals");

    private readonly SemaphoreSlim _renewing = new(1, 1);
    private int _renewals;

    /// <summary>From the latest renewal, until a request takes it.</summary>
    private string? _fresh;

    public override async ValueTask AuthorizeAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Options.Set(RenewalsBefore, Volatile.Read(ref _renewals));
        var token = Interlocked.Exchange(ref _fresh, null) ?? await AskAsync(isRenewal: false, cancellationToken).ConfigureAwait(false);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    public override async ValueTask<bool> RenewAsync(HttpRequestMessage refused, CancellationToken cancellationToken)
    {
        if (!refused.Options.TryGetValue(RenewalsBefore, out var before))
        {
            return false;
        }

        await _renewing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_renewals != before)
            {
                return true;
            }

            var token = await AskAsync(isRenewal: true, cancellationToken).ConfigureAwait(false);
            if (token == refused.Headers.Authorization?.Parameter)
            {
                return false;
            }

            _fresh = token;
            Volatile.Write(ref _renewals, before + 1);
            return true;
        }
        finally
        {
            _renewing.Release();
        }
    }

    public void Dispose() => _renewing.Dispose();

    /// <summary>
    /// Whatever goes wrong passes, as far as is known here: the service behind it may be away like any other. What was logged waits. Of the
    /// provider's exception only the type is told: its words may hold what it sent, and this exception's are logged and printed.
    /// </summary>
    private async ValueTask<string> AskAsync(bool isRenewal, CancellationToken cancellationToken)
    {
        string? token;
        try
        {
            token = await provider(new TokenRequest(server, isRenewal), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            throw new ModelTrackException(
                ErrorCode.Unauthenticated,
                $"{Source} failed with {e.GetType().Name} when it was asked for a token. Its message is "
                + "not shown here, since it may hold a secret; the provider can log it.")
            {
                IsTransient = true,
            };
        }

        token = token?.Trim();
        return HeaderText.IsVisible(token)
            ? token!
            : throw new ModelTrackException(
                ErrorCode.Unauthenticated,
                $"{Source} must give a token of visible ASCII characters without spaces. What it gave is "
                + (string.IsNullOrEmpty(token) ? "empty." : "not shown here."))
            {
                IsTransient = true,
            };
    }
}
