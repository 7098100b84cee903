namespace ModelTrack.Client.Tests.DependencyInjection;

/// <summary>A handler of a program's own, which notes what passes.</summary>
internal sealed class NotingHandler(List<string> seen) : DelegatingHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        lock (seen)
        {
            seen.Add(request.RequestUri!.AbsolutePath);
        }

        return base.SendAsync(request, cancellationToken);
    }
}
