namespace ModelTrack.Client.Tests.Backends.Rest;

/// <param name="Status">The HTTP status; 0: none, the connection is cut off.</param>
/// <param name="Body">The body.</param>
/// <param name="ContentType">Its kind.</param>
internal sealed record ScriptedAnswer(int Status, string Body, string ContentType = "application/json")
{
    /// <summary>The server has read the request, and says nothing.</summary>
    public static ScriptedAnswer CutOff { get; } = new(0, "");

    public static ScriptedAnswer Ok(string body) => new(200, body);

    public static ScriptedAnswer Error(int status, string code, string message = "It is so.")
        => new(status, $$"""{"error_code": "{{code}}", "message": "{{message}}"}""");

    public static ScriptedAnswer NoSuchRoute { get; } = new(404, "<!doctype html><title>404 Not Found</title>", "text/html");
}
