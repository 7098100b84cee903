using System.Net;
using System.Text;
using ModelTrack.Client.Backends.Rest;

namespace ModelTrack.Client.Tests.Backends.Rest;

/// <summary>A server whose answers are given one by one, in front of a sender with a clock that stands still.</summary>
internal sealed class StubServer : HttpMessageHandler
{
    public static readonly Uri Address = new("http://stub.test:5000");

    private readonly Queue<Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>>> _answers = new();

    private int _hanging;

    public WaitingClock Clock { get; } = new();

    /// <summary>Method, address and body of each request.</summary>
    public List<string> Requests { get; } = [];

    public StubServer Answers(int status, string body = "{}", params (string Name, string Value)[] headers)
        => Answers((_, _) =>
        {
            var response = new HttpResponseMessage((HttpStatusCode)status)
            {
                Content = new StringContent(body, Encoding.UTF8, "application/json"),
            };
            foreach (var (name, value) in headers)
            {
                response.Headers.TryAddWithoutValidation(name, value);
            }

            return Task.FromResult(response);
        });

    public StubServer Fails(Exception exception) => Answers((_, _) => Task.FromException<HttpResponseMessage>(exception));

    public StubServer Hangs() => Answers(async (_, token) =>
    {
        Interlocked.Increment(ref _hanging);
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
        }
        finally
        {
            Interlocked.Decrement(ref _hanging);
        }

        throw new InvalidOperationException("Nobody waits so long.");
    });

    public StubServer Answers(Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> answer)
    {
        _answers.Enqueue(answer);
        return this;
    }

    public RestSender Sender(HttpSettings? settings = null)
#pragma warning disable CA2000 // The connection disposes it.
        => new(ServerConnection.For(Address, new HttpClient(this) { Timeout = Timeout.InfiniteTimeSpan }, Clock, settings));
#pragma warning restore CA2000

    public RestBackend Backend()
#pragma warning disable CA2000 // The connection disposes it.
        => new(ServerConnection.For(Address, new HttpClient(this) { Timeout = Timeout.InfiniteTimeSpan }, Clock));
#pragma warning restore CA2000

    /// <summary>
    /// Lets time pass until the call is over, but only while all wait for that: a time-out must not come because this machine is slow.
    /// </summary>
    public async Task<T> RunAsync<T>(Task<T> call)
    {
        while (!call.IsCompleted)
        {
            if (Clock.HasPause || Volatile.Read(ref _hanging) > 0)
            {
                Clock.Advance(TimeSpan.FromMilliseconds(100));
            }

            await Task.Yield();
        }

        return await call;
    }

    /// <summary>Lets time pass until the call has failed.</summary>
    public async Task<ModelTrackException> FailureAsync<T>(Task<T> call)
    {
        try
        {
            await RunAsync(call);
        }
        catch (ModelTrackException e)
        {
            return e;
        }

        throw new AssertionException("The call did not fail.");
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? "" : " " + await request.Content.ReadAsStringAsync(cancellationToken);
        Requests.Add($"{request.Method} {request.RequestUri!.AbsoluteUri}{body}");
        var answer = _answers.Count > 0 ? _answers.Dequeue() : throw new AssertionException($"Nobody expected {Requests[^1]}.");
        var response = await answer(request, cancellationToken);
        response.RequestMessage = request;
        return response;
    }
}
