using System.Net;

namespace ModelTrack.Client.Tests.Connection;

/// <summary>Stands in for the network: keeps what is sent and answers as it is told.</summary>
internal sealed class RecordingHandler(Func<RecordedRequest, HttpResponseMessage>? answer = null) : HttpMessageHandler
{
    private readonly List<RecordedRequest> _requests = [];

    public IReadOnlyList<RecordedRequest> Requests
    {
        get
        {
            lock (_requests)
            {
                return [.. _requests];
            }
        }
    }

    public static HttpResponseMessage Redirect(string location)
        => new(HttpStatusCode.TemporaryRedirect) { Headers = { Location = new Uri(location) } };

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var recorded = new RecordedRequest(
            request.Method,
            request.RequestUri!,
            request.Headers.NonValidated
                .ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase));
        lock (_requests)
        {
            _requests.Add(recorded);
        }

        var response = answer?.Invoke(recorded) ?? new HttpResponseMessage(HttpStatusCode.OK);
        response.RequestMessage = request;
        return Task.FromResult(response);
    }
}
