using System.Net.Sockets;
using System.Text;
using ModelTrack.Client.Fakes;

namespace ModelTrack.Client.Torture.Network;

/// <summary>A proxy in front of a server, with outages one after the other, of random kinds and lengths, as often as asked.</summary>
internal sealed class Outages : IAsyncDisposable
{
    /// <summary>The mean length of an outage is this part of the longest.</summary>
    public const int MeanPart = 4;

    private static readonly OutageKind[] Kinds = Enum.GetValues<OutageKind>();

    private readonly FaultyProxy _proxy;
    private readonly Random _random;
    private volatile int _current = -1;

    public Outages(Uri server, int seed)
    {
        _random = new Random(seed);
        _proxy = new FaultyProxy(server, TimeProvider.System) { Script = Next };
    }

    public Uri Url => _proxy.Url;

    /// <summary>The longest that the server took for a request: one that it carries out much later than it was given up nobody can tell from none.</summary>
    public TimeSpan Slowest => _proxy.Slowest;

    /// <summary>How many there were.</summary>
    public int Count { get; private set; }

    /// <param name="count">How many.</param>
    /// <param name="longest">No outage is longer; most are much shorter.</param>
    /// <param name="pause">The mean time between them.</param>
    public async Task RunAsync(int count, TimeSpan longest, TimeSpan pause)
    {
        while (Count < count)
        {
            await Task.Delay(Double() * 2 * pause);
            var kind = Kinds[Count % Kinds.Length];
            Count++;
            await SufferAsync(kind, Math.Pow(Double(), MeanPart - 1) * longest);
        }
    }

    public async Task SufferAsync(OutageKind kind, TimeSpan length)
    {
        if (kind == OutageKind.Refused)
        {
            await _proxy.CloseAsync();
            await Task.Delay(length);
        }
        else
        {
            _current = (int)kind;
            await Task.Delay(length);
            _current = -1;

            // What was left without an answer gets none.
            await _proxy.CloseAsync();
        }

        await OpenAsync();
    }

    /// <summary>From now on nothing listens; <see cref="OpenAsync"/> ends it.</summary>
    public Task CloseAsync() => _proxy.CloseAsync();

    public async Task OpenAsync()
    {
        while (true)
        {
            try
            {
                _proxy.Open();
                return;
            }
            catch (SocketException)
            {
                // Another program's connection got the port; it will not have it for long.
                await Task.Delay(TimeSpan.FromMilliseconds(20));
            }
        }
    }

    public ValueTask DisposeAsync() => _proxy.DisposeAsync();

    private Deed Next(ProxiedRequest request)
    {
        if (_current < 0)
        {
            return Deed.Pass;
        }

        // A status that a server sets long after it was given up can come after a later one, and nobody could tell.
        var deed = DeedOf((OutageKind)_current);
        return request.Target.EndsWith("/runs/update", StringComparison.Ordinal) ? deed with { Late = null } : deed;
    }

    private Deed DeedOf(OutageKind kind)
    {
        var applies = Double() < 0.5;
        return kind switch
        {
            OutageKind.Mixed => Double() < 0.4 ? Deed.Pass : DeedOf(OneOf(OutageKind.Reset, OutageKind.Cut, OutageKind.Busy, OutageKind.BadGateway)),
            OutageKind.Reset => new Deed(applies ? Reply.Reset : OneOf(Reply.Reset, Reply.ResetAtOnce), applies),
            OutageKind.Stalled => new Deed(Reply.Silence, applies),
            OutageKind.Cut => new Deed(OneOf(Reply.CutBody, Reply.HalfHeadThenEnd, Reply.HalfBodyThenEnd), Applies: true),
            OutageKind.Busy => new Deed(Reply.Whole, Applies: false, OneOf(Answer(503), Answer(429), Answer(429, "1"))),
            OutageKind.BadGateway => new Deed(Reply.Whole, applies, OneOf(Answer(502), Answer(504)))
            {
                Late = applies && Double() < 0.3 ? Double() * TimeSpan.FromSeconds(1) : null,
            },
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
        };
    }

    private static byte[] Answer(int status, string? retryAfter = null)
    {
        var header = retryAfter is null ? "" : $"Retry-After: {retryAfter}\r\n";
        return Encoding.ASCII.GetBytes($"HTTP/1.1 {status} Trouble\r\nContent-Type: text/html\r\n{header}Content-Length: 13\r\n\r\n<html></html>");
    }

    private T OneOf<T>(params T[] values) => values[(int)(Double() * values.Length)];

    private double Double()
    {
        lock (_random)
        {
#pragma warning disable CA5394 // A seed must lead to the same numbers again.
            return _random.NextDouble();
#pragma warning restore CA5394
        }
    }
}
