using System.Net;
using System.Text;
using System.Text.Json;

namespace ModelTrack.Client.Backends.Rest;

/// <summary>
/// Makes exceptions of a server's errors: MLflow's JSON, a proxy's HTML, plain text, or no answer at all. The message says what to do
/// where that is known. What a server says is quoted without what it may repeat of ours (headers, user info).
/// </summary>
internal static class RestErrors
{
    private const int LongestQuote = 500;

    /// <summary>A server that was started without a service says so by a 503 that will not pass.</summary>
    private static readonly byte[] ServiceDisabled = "disabled due to the mlflow server running"u8.ToArray();

    /// <param name="answer">The last answer.</param>
    /// <param name="mayBeApplied">That answer, or an earlier try, leaves open whether the request was carried out.</param>
    /// <param name="connection">Whose answer it is.</param>
    public static ModelTrackException From(RestAnswer answer, bool mayBeApplied, ServerConnection connection)
    {
        var response = answer.Response;
        var status = response.StatusCode;
        var (code, message) = ReadError(answer.Body);
        var what = $"{response.RequestMessage?.Method} {response.RequestMessage?.RequestUri?.AbsolutePath}";
        var text = $"The server {ServerOf(response.RequestMessage?.RequestUri, connection)} answered {(int)status} to {what}: "
            + (message ?? Words(answer.Body) ?? response.ReasonPhrase ?? status.ToString());
        var advice = status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden && !IsOwn(response.RequestMessage?.RequestUri, connection)
            ? $" It is not the tracking server ({connection.BaseUri}), and credentials are sent to that one alone."
            : Advice(answer, message is not null, connection);
        return new ModelTrackException(code ?? CodeOf(status), advice.Length == 0 ? text : Sentence.Of(text) + advice)
        {
            StatusCode = status,
            IsTransient = IsTransient(answer),
            IsServersWord = code is not null,
            MayBeApplied = mayBeApplied,
            RetryAfter = RetryRules.RetryAfter(response, connection.Clock),
        };
    }

    public static ModelTrackException NoAnswer(Exception cause, SendState state, ServerConnection connection)
        => new(
            ErrorCode.TemporarilyUnavailable,
            cause is TimeoutException
                ? $"The server {ServerOf(state.Uri, connection)} did not answer within {connection.Settings.RequestTimeout.TotalSeconds:0.###} s."
                : $"The server {ServerOf(state.Uri, connection)} cannot be reached: {cause.Message}{TlsAdvice(cause)}",
            cause)
        {
            IsTransient = true,
            MayBeApplied = state.MayBeApplied,
        };

    /// <summary>A good status with a body that is no answer of MLflow's: a login page of a proxy, or a body that broke off.</summary>
    public static ModelTrackException NotJson(HttpStatusCode status, ReadOnlySpan<byte> body, Exception cause, ServerConnection connection)
        => new(
            ErrorCode.TemporarilyUnavailable,
            $"What answered at {connection.BaseUri} with {(int)status} sent no JSON object of MLflow's"
            + (IsHtml(body) ? ", but an HTML page: perhaps a proxy's or a login page. Check the tracking URI." : ": " + cause.Message),
            cause)
        {
            StatusCode = status,
            IsTransient = true,
            MayBeApplied = true,
        };

    /// <summary>Whether it is the error's body that tells what is wrong, and not the status alone.</summary>
    public static bool IsToldByBody(HttpStatusCode status)
        => status is HttpStatusCode.BadRequest or HttpStatusCode.NotFound or HttpStatusCode.Conflict;

    /// <summary>Whether the same request may succeed later.</summary>
    public static bool IsTransient(RestAnswer answer)
    {
        var status = answer.Response.StatusCode;
        if (status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests)
        {
            return true;
        }

        if (status == HttpStatusCode.RequestEntityTooLarge && answer.Response.RequestMessage is { Content: null })
        {
            // What has no body is not too large: whoever says so is not the server, and it says nothing of any record.
            return true;
        }

        if ((int)status < 500 || status is HttpStatusCode.NotImplemented or HttpStatusCode.HttpVersionNotSupported)
        {
            return false;
        }

        // MLflow answers some mistakes of the client with 500; only its code tells.
        return ReadError(answer.Body).Code is null or ErrorCode.InternalError or ErrorCode.TemporarilyUnavailable or "DEADLINE_EXCEEDED"
            && answer.Body.AsSpan().IndexOf(ServiceDisabled) < 0;
    }

    /// <summary>The route is missing, not what it should find: MLflow says so by a page, since no handler of its own was reached.</summary>
    public static bool IsMissingRoute(ModelTrackException e)
        => e.StatusCode is HttpStatusCode.MethodNotAllowed
        || (e.StatusCode is HttpStatusCode.NotFound && e.ErrorCode is ErrorCode.EndpointNotFound);

    private static (string? Code, string? Message) ReadError(ReadOnlySpan<byte> body)
    {
        try
        {
            var reader = new Utf8JsonReader(body);
            using var json = JsonDocument.ParseValue(ref reader);
            return json.RootElement.ValueKind == JsonValueKind.Object
                ? (Text(json.RootElement, "error_code"), Text(json.RootElement, "message"))
                : default;
        }
        catch (JsonException)
        {
            return default;
        }

        static string? Text(JsonElement error, string name)
        {
            try
            {
                return error.TryGetProperty(name, out var value)
                    ? value.ValueKind switch { JsonValueKind.String => value.GetString(), JsonValueKind.Number => value.GetRawText(), _ => null }
                    : null;
            }
            catch (InvalidOperationException)
            {
                // Not UTF-8, or half of a surrogate pair.
                return null;
            }
        }
    }

    private static string CodeOf(HttpStatusCode status) => status switch
    {
        HttpStatusCode.Unauthorized => ErrorCode.Unauthenticated,
        HttpStatusCode.Forbidden => ErrorCode.PermissionDenied,
        // Where a thing is missing MLflow names the code itself.
        HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed => ErrorCode.EndpointNotFound,
        HttpStatusCode.Conflict => ErrorCode.ResourceAlreadyExists,
        HttpStatusCode.TooManyRequests => ErrorCode.RequestLimitExceeded,
        HttpStatusCode.NotImplemented => ErrorCode.NotImplemented,
        HttpStatusCode.RequestTimeout or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout
            => ErrorCode.TemporarilyUnavailable,
        >= HttpStatusCode.InternalServerError => ErrorCode.InternalError,
        _ => ErrorCode.BadRequest,
    };

    private static string Advice(RestAnswer answer, bool isMlflow, ServerConnection connection) => answer.Response.StatusCode switch
    {
        HttpStatusCode.Unauthorized =>
            " Set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN, or the options of the same names.",
        HttpStatusCode.Forbidden when answer.Body.AsSpan().IndexOf("Invalid Host header"u8) >= 0 =>
            " Start the server with --allowed-hosts that has this host, or use a name that it knows.",
        HttpStatusCode.Forbidden => " The credentials that were sent do not allow this.",
        HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed when !isMlflow =>
            " The server does not know this endpoint: it is older than that, or something else than MLflow answers at this address.",
        HttpStatusCode.RequestEntityTooLarge =>
            " A proxy before the server limits the size of requests (nginx: client_max_body_size); raise that limit.",
        HttpStatusCode.GatewayTimeout =>
            " A proxy before the server gave up waiting (nginx: proxy_read_timeout); raise that limit for large files.",
        >= HttpStatusCode.Ambiguous and < HttpStatusCode.BadRequest => Redirects.Advice(answer.Response, connection),
        _ => "",
    };

    /// <summary>The name of who was asked: a store that the server named is called by its own address, without the signature in its query.</summary>
    private static string ServerOf(Uri? uri, ServerConnection connection)
        => IsOwn(uri, connection) ? connection.BaseUri.ToString() : uri!.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped);

    private static bool IsOwn(Uri? uri, ServerConnection connection) => uri is null || connection.IsOwn(uri);

    private static string TlsAdvice(Exception cause)
        => cause is HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError }
            ? " If its certificate is signed by an authority of your own, name that in "
                + $"{nameof(TrackerOptions)}.{nameof(TrackerOptions.ServerCertificateAuthority)} or MLFLOW_TRACKING_SERVER_CERT_PATH."
            : "";

    private static bool IsHtml(ReadOnlySpan<byte> body)
    {
        var start = body.TrimStart(" \t\r\n"u8);
        return start.Length > 0 && start[0] == '<';
    }

    /// <summary>The text of an answer that is no JSON; of a page nothing, since its words are a proxy's.</summary>
    private static string? Words(ReadOnlySpan<byte> body)
    {
        if (body.IsEmpty || IsHtml(body))
        {
            return null;
        }

        var text = Encoding.UTF8.GetString(body).Trim();
        return text.Length switch { 0 => null, > LongestQuote => text[..LongestQuote] + "…", _ => text };
    }
}
