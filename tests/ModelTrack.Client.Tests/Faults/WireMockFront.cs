using WireMock.RequestBuilders;
using WireMock.ResponseBuilders;
using WireMock.Server;
using WireMock.Settings;

namespace ModelTrack.Client.Tests.Faults;

/// <summary>WireMock in front of the server: it answers some requests itself and passes all others on.</summary>
internal sealed class WireMockFront : IFront
{
    private const int First = 1;
    private const int Last = 100;

    private readonly TimeProvider _clock;
    private readonly WireMockServer _mock;

    public WireMockFront(Uri server, TimeProvider clock)
    {
        _clock = clock;
        _mock = WireMockServer.Start(new WireMockServerSettings
        {
            // Bodies go through as they came.
            DisableJsonBodyParsing = true,
            DisableDeserializeFormUrlEncoded = true,
        });
        _mock.Given(Request.Create().WithPath("/*").UsingAnyMethod())
            .AtPriority(Last)
            .RespondWith(Response.Create().WithProxy(server.GetLeftPart(UriPartial.Authority)));
        Url = new Uri(_mock.Url!);
    }

    public Uri Url { get; }

    public Func<int> Plan(Target target, Fault fault, int times)
    {
        var answer = Response.Create().WithStatusCode(fault.Status).WithHeader("Content-Type", fault.ContentType).WithBody(fault.Body);
        if (fault.Header is var (name, value))
        {
            answer = answer.WithHeader(name, value(_clock));
        }

        var mapping = Guid.NewGuid();
        _mock.Given(Request.Create().WithPath($"/api*{target.PathPart}*").UsingMethod(target.Method))
            .WithGuid(mapping)
            .AtPriority(First)
            .InScenario(mapping.ToString())
            .WillSetStateTo("over", times)
            .RespondWith(answer);
        return () => _mock.LogEntries.Count(entry => entry.MappingGuid == mapping);
    }

    public ValueTask DisposeAsync()
    {
        _mock.Dispose();
        return ValueTask.CompletedTask;
    }
}
