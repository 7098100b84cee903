using System.Net;
using System.Net.Http.Headers;

namespace ModelTrack.Client.Tests.Backends.Rest.Recording;

/// <summary>Answers every request as a recording has it, and keeps what was asked.</summary>
internal sealed class RecordedServer(RecordedExchange exchange) : HttpMessageHandler
{
    public List<(string Method, Uri Uri, MediaTypeHeaderValue? ContentType, byte[]? Body)> Requests { get; } = [];

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Requests.Add((
            request.Method.Method,
            request.RequestUri!,
            request.Content?.Headers.ContentType,
            request.Content is null ? null : await request.Content.ReadAsByteArrayAsync(cancellationToken)));
        var response = new HttpResponseMessage((HttpStatusCode)exchange.Status)
        {
            Content = new ByteArrayContent(exchange.ResponseBytes),
            RequestMessage = request,
        };
        foreach (var (name, value) in exchange.ResponseHeaders)
        {
            if (!response.Headers.TryAddWithoutValidation(name, value))
            {
                response.Content.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return response;
    }
}
