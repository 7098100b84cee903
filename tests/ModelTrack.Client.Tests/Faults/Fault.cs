using System.Globalization;
using System.Text;
using ModelTrack.Client.Fakes;

namespace ModelTrack.Client.Tests.Faults;

/// <summary>Something that goes wrong with a request: an answer over HTTP, or what a <see cref="FaultyProxy"/> does to it.</summary>
/// <param name="Name">For the names of tests.</param>
internal sealed record Fault(string Name)
{
    private const string Page = "<!doctype html>\n<html><head><title>Sign in</title></head><body><h1>Not what you asked for</h1></body></html>\n";

    /// <summary>The status of the answer; 0 when it is the proxy's deed that counts.</summary>
    public int Status { get; private init; }

    public string Body { get; private init; } = Page;

    public string ContentType { get; private init; } = "text/html";

    /// <summary>One more header; null: none.</summary>
    public (string Name, Func<TimeProvider, string> Value)? Header { get; private init; }

    public Deed? Deed { get; private init; }

    /// <summary>How often it happens in one test, one after the other.</summary>
    public int Times { get; private init; } = 3;

    /// <summary>How fast the clock of its tests runs.</summary>
    public int Haste { get; private init; } = 20;

    /// <summary>A server answers so to what it does not want: a run cannot start then.</summary>
    public bool IsNo => Status is 401 or 403 or 404 or 413 or 302 or 308;

    /// <summary>What comes over HTTP as any server could send it.</summary>
    public static IReadOnlyList<Fault> OfHttp { get; } =
    [
        new("HTML 200") { Status = 200 },
        new("broken JSON") { Status = 200, ContentType = "application/json", Body = """{"run": {"info": {"run_id": "0123""" },
        new("401") { Status = 401, ContentType = "text/plain", Body = "You are not authenticated." },
        new("403 text") { Status = 403, ContentType = "text/plain", Body = "Invalid Host header - possible DNS rebinding attack detected" },
        new("404 HTML") { Status = 404 },
        new("408") { Status = 408 },
        new("413") { Status = 413 },
        new("429 for seconds") { Status = 429, Body = "", Header = ("Retry-After", _ => "2") },
        new("429 to a date") { Status = 429, Body = "", Header = ("Retry-After", clock => HttpDate(clock, TimeSpan.FromSeconds(3))) },
        new("429 for years") { Status = 429, Body = "", Header = ("Retry-After", _ => "2147483647"), Haste = 1000 },
        new("429 to a date far off") { Status = 429, Body = "", Header = ("Retry-After", clock => HttpDate(clock, TimeSpan.FromDays(99999))), Haste = 1000 },
        new("429 for nonsense") { Status = 429, Body = "", Header = ("Retry-After", _ => "soon, -1") },
        new("500 HTML") { Status = 500 },
        new("502") { Status = 502 },
        new("503") { Status = 503 },
        new("504") { Status = 504 },
        new("redirect to another origin") { Status = 302, Header = ("Location", _ => "https://login.example.test/?next=here") },
        new("permanent redirect to another origin") { Status = 308, Header = ("Location", _ => "https://other.example.test/api") },
    ];

    /// <summary>What only the network does, and servers that do what they are asked and answer something else.</summary>
    public static IReadOnlyList<Fault> OfSockets { get; } =
    [
        Of("reset before the body", Reply.ResetAtOnce, applies: false),
        Of("reset after the body", Reply.Reset, applies: false),
        Of("reset after it was applied", Reply.Reset, applies: true),
        Of("silence", Reply.Silence, applies: false, times: 1),
        Of("silence after it was applied", Reply.Silence, applies: true, times: 1),
        Of("half a header", Reply.HalfHead, applies: true, times: 1),
        Of("half a header and the end", Reply.HalfHeadThenEnd, applies: true),
        Of("slow answer", Reply.InDrops, applies: true, times: 1),
        Of("body that stops", Reply.HalfBody, applies: true, times: 1),
        Of("wrong content length", Reply.HalfBodyThenEnd, applies: true),
        Of("truncated JSON", Reply.CutBody, applies: true),
        After(200),
        After(408),
        After(500),
        After(502),
        After(503),
        After(504),
    ];

    public override string ToString() => Name;

    /// <summary>The whole answer.</summary>
    public byte[] Bytes(TimeProvider clock)
    {
        var header = Header is var (name, value) ? $"{name}: {value(clock)}\r\n" : "";
        return Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"HTTP/1.1 {Status} Trouble\r\nContent-Type: {ContentType}\r\n{header}Content-Length: {Body.Length}\r\n\r\n{Body}"));
    }

    /// <summary>The client gets the reply (a 504 where that is whole), and the server the request only later.</summary>
    public static Fault Late(Reply reply, TimeSpan late)
    {
        var answer = reply == Reply.Whole ? new Fault("") { Status = 504 }.Bytes(TimeProvider.System) : null;
        return new($"{reply}, and carried out {late.TotalSeconds:0.#} s later") { Deed = new Deed(reply, Applies: true, answer) { Late = late }, Times = 1 };
    }

    private static Fault Of(string name, Reply reply, bool applies, int times = 3) => new(name) { Deed = new Deed(reply, applies), Times = times };

    private static Fault After(int status)
    {
        var answer = new Fault("") { Status = status }.Bytes(TimeProvider.System);
        return new($"{status} after it was applied") { Deed = new Deed(Reply.Whole, Applies: true, answer) };
    }

    private static string HttpDate(TimeProvider clock, TimeSpan later) => (clock.GetUtcNow() + later).ToString("R", CultureInfo.InvariantCulture);
}
