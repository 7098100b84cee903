using ModelTrack.Client.Backends.Rest;

namespace ModelTrack.Client.Tests.Backends.Rest.Recording;

/// <summary>An endpoint that the client has, and how a recorded request is made by it.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Template">The path, with <c>{…}</c> for what varies: one segment, still escaped.</param>
/// <param name="Call">Makes the request from the recording's arguments and gives back what the client makes of the answer.</param>
internal sealed record RecordedRoute(string Method, string Template, Func<RestSender, RecordedExchange, Task<TypedAnswer>> Call)
{
    /// <summary>Parameters that the client sends always, though a recording may not have them.</summary>
    public string[] AlwaysSent { get; init; } = [];

    public bool Matches(RecordedExchange exchange)
    {
        var template = Template.Split('/');
        var path = exchange.Route.Split('/');
        return Method == exchange.Method
            && template.Length == path.Length
            && template.Zip(path).All(part => part.First == part.Second || part.First.StartsWith('{'));
    }
}
