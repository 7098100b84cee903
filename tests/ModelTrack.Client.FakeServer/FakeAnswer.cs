using System.Text;

namespace ModelTrack.Client.Fakes;

/// <summary>What the server answers to a request.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="ContentType">The content type.</param>
/// <param name="Body">The body.</param>
public sealed record FakeAnswer(int Status, string ContentType, ReadOnlyMemory<byte> Body)
{
    private const string Html = "text/html; charset=utf-8";

    /// <summary>More headers.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    internal static FakeAnswer Text(int status, string text, string contentType = Html)
        => new(status, contentType, Encoding.UTF8.GetBytes(text));

    /// <summary>One of the pages that the web framework below MLflow answers with.</summary>
    internal static FakeAnswer Page(int status) => status switch
    {
        404 => Page(
            status,
            "404 Not Found",
            "Not Found",
            "The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again."),
        405 => Page(status, "405 Method Not Allowed", "Method Not Allowed", "The method is not allowed for the requested URL."),
        _ => Page(
            status,
            "500 Internal Server Error",
            "Internal Server Error",
            "The server encountered an internal error and was unable to complete your request. Either the server is overloaded or there"
            + " is an error in the application."),
    };

    private static FakeAnswer Page(int status, string title, string heading, string text)
        => Text(status, $"<!doctype html>\n<html lang=en>\n<title>{title}</title>\n<h1>{heading}</h1>\n<p>{text}</p>\n");
}
