using System.Net;
using System.Text;
using ModelTrack.Client.Backends.Rest;

namespace ModelTrack.Client.Tests.Backends.Rest;

/// <summary>A server that answers by a rule, in front of a sender on a clock that does not wait; it remembers what it was asked.</summary>
internal sealed class ScriptedServer(Func<ScriptedRequest, ScriptedAnswer> answer) : HttpMessageHandler
{
    public ImpatientClock Clock { get; } = new();

    public List<ScriptedRequest> Requests { get; } = [];

    public RestSender Sender()
#pragma warning disable CA2000 // The connection disposes it.
        => new(ServerConnection.For(
            new Uri("http://scripted.test:5000"), new HttpClient(this) { Timeout = Timeout.InfiniteTimeSpan }, Clock));
#pragma warning restore CA2000

    public int Count(string call) => Requests.Count(request => request.Call == call);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        Requests.Add(new ScriptedRequest(request.RequestUri!.PathAndQuery, body));
        var (status, text, contentType) = answer(Requests[^1]);
        return status == 0
            ? throw new HttpRequestException(HttpRequestError.ResponseEnded, "The server has read the request, and says nothing.")
            : new HttpResponseMessage((HttpStatusCode)status)
            {
                Content = new StringContent(text, Encoding.UTF8, contentType),
                RequestMessage = request,
            };
    }
}
