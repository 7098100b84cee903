using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Polly;

namespace ModelTrack.Client.Backends.Rest;

/// <summary>
/// The one place that sends. Every answer is either what was asked for or a <see cref="ModelTrackException"/>; so is no answer. Safe for
/// calls from several threads.
/// </summary>
internal sealed class RestSender : IDisposable
{
    private const int LongestErrorBody = 1 << 16;
    private const int MaxRedirects = 5;

    private readonly ServerConnection _connection;
    private readonly ResiliencePipeline<RestAnswer> _repeatable;
    private readonly ResiliencePipeline<RestAnswer> _once;

    /// <param name="connection">The server.</param>
    /// <param name="retries">How often a request is tried again at most; null: as often as the connection's settings say.</param>
    public RestSender(ServerConnection connection, int? retries = null)
    {
        _connection = connection;
        var settings = retries is { } number ? connection.Settings with { Retries = number } : connection.Settings;
        _repeatable = RetryRules.Pipeline(settings, connection.Clock, mayRepeat: true);
        _once = RetryRules.Pipeline(settings, connection.Clock, mayRepeat: false);
    }

    public ServerConnection Connection => _connection;

    /// <summary>A request whose parameters are in the query. A null value leaves its parameter out.</summary>
    /// <param name="route">From the server's address on, for example <c>api/2.0/mlflow/runs/get</c>; already escaped.</param>
    /// <param name="query">Names and values, not escaped.</param>
    /// <param name="response">How the answer is read.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<T> GetAsync<T>(
        string route, IEnumerable<(string Name, string? Value)> query, JsonTypeInfo<T> response, CancellationToken cancellationToken)
        => GetAsync(UriOf(route, query), response, cancellationToken);

    /// <summary>As the other, for an address that another server may have.</summary>
    public Task<T> GetAsync<T>(Uri uri, JsonTypeInfo<T> response, CancellationToken cancellationToken)
        => SendJsonAsync(() => new HttpRequestMessage(HttpMethod.Get, uri), mayRepeat: true, response, cancellationToken);

    /// <summary>A request whose parameters are a JSON body, whatever its method.</summary>
    /// <param name="method">POST, PATCH, DELETE, PUT.</param>
    /// <param name="route">From the server's address on.</param>
    /// <param name="body">The body.</param>
    /// <param name="request">How the body is written.</param>
    /// <param name="response">How the answer is read.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="mayRepeat">False: it is not sent again once the server may have carried it out.</param>
    public Task<TResponse> SendAsync<TRequest, TResponse>(
        HttpMethod method,
        string route,
        TRequest body,
        JsonTypeInfo<TRequest> request,
        JsonTypeInfo<TResponse> response,
        CancellationToken cancellationToken,
        bool mayRepeat = true)
        => SendAsync(method, UriOf(route, []), body, request, response, cancellationToken, mayRepeat);

    /// <summary>As the other, for an address that another server may have.</summary>
    public Task<TResponse> SendAsync<TRequest, TResponse>(
        HttpMethod method,
        Uri uri,
        TRequest body,
        JsonTypeInfo<TRequest> request,
        JsonTypeInfo<TResponse> response,
        CancellationToken cancellationToken,
        bool mayRepeat = true)
        => SendBytesAsync(method, uri, JsonSerializer.SerializeToUtf8Bytes(body, request), response, mayRepeat, cancellationToken);

    /// <summary>As the other, for a body that has been written as JSON already. The bytes must not change before the answer.</summary>
    public Task<T> SendBytesAsync<T>(
        HttpMethod method, string route, ReadOnlyMemory<byte> body, JsonTypeInfo<T> response, bool mayRepeat, CancellationToken cancellationToken)
        => SendBytesAsync(method, UriOf(route, []), body, response, mayRepeat, cancellationToken);

    private Task<T> SendBytesAsync<T>(
        HttpMethod method, Uri uri, ReadOnlyMemory<byte> body, JsonTypeInfo<T> response, bool mayRepeat, CancellationToken cancellationToken)
        => SendJsonAsync(
            () => new HttpRequestMessage(method, uri)
            {
                Content = new ReadOnlyMemoryContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
            },
            mayRepeat,
            response,
            cancellationToken);

    /// <summary>A request that says all in its route.</summary>
    public Task<T> SendEmptyAsync<T>(
        HttpMethod method, string route, JsonTypeInfo<T> response, CancellationToken cancellationToken, bool mayRepeat = true)
    {
        var uri = UriOf(route, []);
        return SendJsonAsync(() => new HttpRequestMessage(method, uri), mayRepeat, response, cancellationToken);
    }

    /// <summary>A GET whose answer is no JSON, or not quite: its body as it came.</summary>
    public async Task<byte[]> GetBytesAsync(
        string route, IEnumerable<(string Name, string? Value)> query, CancellationToken cancellationToken)
    {
        var uri = UriOf(route, query);
        using var answer = await ReadAsync(() => new HttpRequestMessage(HttpMethod.Get, uri), mayRepeat: true, cancellationToken)
            .ConfigureAwait(false);
        return answer.Body;
    }

    /// <summary>
    /// Sends what <paramref name="create"/> makes, anew for each try, and returns a successful answer whose body has not been read; the
    /// caller disposes it. The time-out covers the time until the headers are there.
    /// </summary>
    /// <param name="create">Makes the request; it may go to another origin, to which no credentials are sent.</param>
    /// <param name="mayRepeat">False: it is not sent again once the server may have carried it out.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="headersTimeout">Null: the request's time-out. Infinite for uploads, which the server answers when all is there.</param>
    public async Task<HttpResponseMessage> SendAsync(
        Func<HttpRequestMessage> create, bool mayRepeat, CancellationToken cancellationToken, TimeSpan? headersTimeout = null)
    {
        var answer = await TryAsync(
            (_, token, tried) => SendOnceAsync(create, tried, token), mayRepeat, headersTimeout, cancellationToken).ConfigureAwait(false);
        return answer.Response;
    }

    /// <summary>As MLflow's own client: nothing, and the text <c>200 OK</c>, are an empty object; any other text is no answer of MLflow's.</summary>
    public T Parse<T>(HttpStatusCode status, ReadOnlySpan<byte> body, JsonTypeInfo<T> typeInfo)
    {
        if (body.IsEmpty || body.SequenceEqual("200 OK"u8))
        {
            body = "{}"u8;
        }

        try
        {
            Answers.RefuseNullsInLists(body);
            return JsonSerializer.Deserialize(body, typeInfo) ?? throw new JsonException("The answer is null.");
        }
        catch (JsonException e)
        {
            throw RestErrors.NotJson(status, body, e, _connection);
        }
    }

    /// <summary>
    /// Sends or receives a file. The bodies are part of the try, so that one that breaks off is tried again from its beginning, and the
    /// request's time-out is that of each pause.
    /// </summary>
    /// <param name="create">Makes the request, anew for each try; its body tells the watch what was sent.</param>
    /// <param name="receive">Reads the successful answer and tells the watch what came; its <see cref="IOException"/>s are the network's.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<T> TransferAsync<T>(
        Func<TransferWatch, HttpRequestMessage> create,
        Func<HttpResponseMessage, TransferWatch, CancellationToken, Task<T>> receive,
        CancellationToken cancellationToken)
    {
        T result = default!;
        using var answer = await TryAsync(
            async (watch, token, tried) =>
            {
                var came = await SendOnceAsync(() => create(watch), tried, token).ConfigureAwait(false);
                if (!came.IsSuccess)
                {
                    return came;
                }

                try
                {
                    watch.Restart();
                    result = await receive(came.Response, watch, token).ConfigureAwait(false);
                    return came;
                }
                catch
                {
                    tried.MayBeApplied = true;
                    came.Dispose();
                    throw;
                }
            },
            mayRepeat: true,
            null,
            cancellationToken).ConfigureAwait(false);
        return result;
    }

    public Uri UriOf(string route, IEnumerable<(string Name, string? Value)> query)
    {
        var pairs = string.Join('&', query.Where(pair => pair.Value is not null)
            .Select(pair => $"{Uri.EscapeDataString(pair.Name)}={Uri.EscapeDataString(pair.Value!)}"));
        return new Uri($"{_connection.BaseUri.AbsoluteUri.TrimEnd('/')}/{route}{(pairs.Length > 0 ? "?" + pairs : "")}");
    }

    public void Dispose() => _connection.Dispose();

    private async Task<T> SendJsonAsync<T>(
        Func<HttpRequestMessage> create, bool mayRepeat, JsonTypeInfo<T> typeInfo, CancellationToken cancellationToken)
    {
        using var answer = await ReadAsync(create, mayRepeat, cancellationToken).ConfigureAwait(false);
        return Parse(answer.Response.StatusCode, answer.Body, typeInfo);
    }

    /// <summary>A good answer with its body, which is read within a try, so that one that breaks off is a failed try.</summary>
    private Task<RestAnswer> ReadAsync(Func<HttpRequestMessage> create, bool mayRepeat, CancellationToken cancellationToken)
        => TryAsync(
            async (_, token, tried) =>
            {
                var came = await SendOnceAsync(create, tried, token).ConfigureAwait(false);
                try
                {
                    return came.IsSuccess
                        ? came with { Body = await came.Response.Content.ReadAsByteArrayAsync(token).ConfigureAwait(false) }
                        : came;
                }
                catch
                {
                    tried.MayBeApplied = true;
                    came.Dispose();
                    throw;
                }
            },
            mayRepeat,
            null,
            cancellationToken);

    /// <summary>A good answer, after as many tries as are allowed; all else is thrown.</summary>
    private async Task<RestAnswer> TryAsync(
        Func<TransferWatch, CancellationToken, SendState, ValueTask<RestAnswer>> attempt,
        bool mayRepeat,
        TimeSpan? timeout,
        CancellationToken cancellationToken)
    {
        var state = new SendState();
        RestAnswer answer;
        try
        {
            var pipeline = mayRepeat ? _repeatable : _once;
            answer = await pipeline.ExecuteAsync(
                async token =>
                {
                    var limit = timeout ?? _connection.Settings.RequestTimeout;
                    using var over = new CancellationTokenSource(limit, _connection.Clock);
                    using var either = CancellationTokenSource.CreateLinkedTokenSource(over.Token, token);
                    try
                    {
                        return await attempt(new TransferWatch(over, limit, _connection.Clock), either.Token, state).ConfigureAwait(false);
                    }
                    catch (OperationCanceledException e) when (
                        !token.IsCancellationRequested && (over.IsCancellationRequested || e.InnerException is TimeoutException))
                    {
                        // Either our time-out, or one of the HTTP client's own (for connecting, or a given client's).
                        throw new TimeoutException("No answer within the time-out.", e);
                    }
                },
                cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (RetryRules.IsTransportFailure(e))
        {
            throw RestErrors.NoAnswer(e, state, _connection);
        }

        if (answer.IsSuccess)
        {
            return answer;
        }

        using (answer)
        {
            throw RestErrors.From(answer, state.MayBeApplied, _connection);
        }
    }

    private async ValueTask<RestAnswer> SendOnceAsync(
        Func<HttpRequestMessage> create, SendState state, CancellationToken cancellationToken)
    {
        Uri? redirected = null;
        for (var redirects = 0; ; redirects++)
        {
            var request = create();
            request.RequestUri = redirected ?? request.RequestUri;
            state.Uri = request.RequestUri;
            await _connection.AuthorizeAsync(request, cancellationToken).ConfigureAwait(false);
            HttpResponseMessage response;
            try
            {
                response = await _connection.GetClient()
                    .SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                state.MayBeApplied |= !RetryRules.IsBeforeSending(e);
                throw;
            }

            if (response.StatusCode == HttpStatusCode.Unauthorized
                && !state.Renewed
                && await RenewAsync(request, response, cancellationToken).ConfigureAwait(false))
            {
                state.Renewed = true;
                response.Dispose();
                continue;
            }

            redirected = _connection.Settings.FollowsRedirects && redirects < MaxRedirects ? Redirects.Follow(request, response) : null;
            if (redirected is null)
            {
                state.MayBeApplied |= RetryRules.MayBeApplied(response.StatusCode);
                return new RestAnswer(response, response.IsSuccessStatusCode ? [] : await ReadErrorAsync(response).ConfigureAwait(false));
            }

            response.Dispose();
        }
    }

    /// <summary>Whoever gives no other credentials ends the try, and the refusal's connection must not wait for the collector.</summary>
    private async ValueTask<bool> RenewAsync(HttpRequestMessage refused, HttpResponseMessage refusal, CancellationToken cancellationToken)
    {
        try
        {
            return await _connection.RenewAsync(refused, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            refusal.Dispose();
            throw;
        }
    }

    /// <summary>
    /// What can be had of it: an error's words are not worth another error, unless they alone tell what is meant, as with 404, which is a
    /// missing run or a missing route.
    /// </summary>
    private async Task<byte[]> ReadErrorAsync(HttpResponseMessage response)
    {
        using var over = new CancellationTokenSource(TimeSpan.FromSeconds(5), _connection.Clock);
        var bytes = new byte[LongestErrorBody];
        var length = 0;
        try
        {
            var stream = await response.Content.ReadAsStreamAsync(over.Token).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
            {
                length = await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, over.Token).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (RetryRules.IsTransportFailure(e) || e is OperationCanceledException)
        {
            if (RestErrors.IsToldByBody(response.StatusCode))
            {
                response.Dispose();
                throw new IOException("The answer broke off.", e);
            }

            // What came so far is enough.
        }

        return bytes[..length];
    }
}
