using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ModelTrack.Client.Tests.Artifacts;

/// <summary>
/// An HTTP server on the loopback that a test can make answer early, late, wrongly or not at all; bodies stream through it. Each request
/// goes to the handler; a handler that ends without an answer resets the connection.
/// </summary>
internal sealed class ByteServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<ByteExchange, Task> _handle;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<ByteExchange> _exchanges = [];

    public ByteServer(Func<ByteExchange, Task> handle)
    {
        _handle = handle;
        _listener.Start();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");
        _ = AcceptAsync();
    }

    public Uri Address { get; }

    /// <summary>All requests so far, in the order in which their headers came.</summary>
    public IReadOnlyList<ByteExchange> Exchanges
    {
        get
        {
            lock (_exchanges)
            {
                return [.. _exchanges];
            }
        }
    }

    /// <summary>Method and target of all requests so far.</summary>
    public IEnumerable<string> Requests => Exchanges.Select(e => $"{e.Method} {e.Target}");

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            client.NoDelay = true;
            try
            {
                var stream = client.GetStream();
                while (await ByteExchange.ReadAsync(stream) is { } exchange)
                {
                    lock (_exchanges)
                    {
                        _exchanges.Add(exchange);
                    }

                    await _handle(exchange);
                    if (!exchange.IsAnswered)
                    {
                        client.LingerState = new LingerOption(true, 0);
                        return;
                    }

                    if (exchange.ClosesConnection)
                    {
                        return;
                    }

                    await exchange.SkipBodyAsync();
                }
            }
            catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
            {
                // The other side went away, which is its right.
            }
        }
    }
}

/// <summary>One request to a <see cref="ByteServer"/> and the answer to it.</summary>
internal sealed class ByteExchange
{
    private readonly NetworkStream _stream;
    private byte[] _ahead;
    private long _left;

    private ByteExchange(NetworkStream stream, string method, string target, Dictionary<string, string> headers, byte[] ahead)
    {
        _stream = stream;
        _ahead = ahead;
        Method = method;
        Target = target;
        Headers = headers;
        Length = headers.TryGetValue("Content-Length", out var length) ? long.Parse(length, CultureInfo.InvariantCulture) : 0;
        _left = Length;
    }

    public string Method { get; }

    /// <summary>Path and query as they were sent.</summary>
    public string Target { get; }

    public IReadOnlyDictionary<string, string> Headers { get; }

    public long Length { get; }

    /// <summary>What <see cref="ReadBodyAsync"/> read.</summary>
    public byte[] Body { get; private set; } = [];

    public bool IsAnswered { get; private set; }

    public bool ClosesConnection { get; set; }

    public static async Task<ByteExchange?> ReadAsync(NetworkStream stream)
    {
        var buffer = new byte[64 * 1024];
        var length = 0;
        while (true)
        {
            var count = await stream.ReadAsync(buffer.AsMemory(length));
            if (count == 0)
            {
                return null;
            }

            length += count;
            var end = buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8);
            if (end < 0)
            {
                continue;
            }

            var lines = Encoding.ASCII.GetString(buffer, 0, end).Split("\r\n");
            var first = lines[0].Split(' ');
            var headers = lines.Skip(1).Select(l => l.Split(": ", 2)).ToDictionary(h => h[0], h => h[1], StringComparer.OrdinalIgnoreCase);
            return new ByteExchange(stream, first[0], first[1], headers, buffer[(end + 4)..length]);
        }
    }

    /// <summary>Reads some of the body; 0 at its end. Says that it wants the body when the client asks.</summary>
    public async Task<int> ReadSomeAsync(Memory<byte> buffer)
    {
        if (_left == 0)
        {
            return 0;
        }

        if (_left == Length && _ahead.Length == 0 && Headers.GetValueOrDefault("Expect") == "100-continue")
        {
            await _stream.WriteAsync("HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray());
        }

        var wanted = buffer[..(int)Math.Min(buffer.Length, _left)];
        int count;
        if (_ahead.Length > 0)
        {
            count = Math.Min(wanted.Length, _ahead.Length);
            _ahead.AsMemory(0, count).CopyTo(wanted);
            _ahead = _ahead[count..];
        }
        else
        {
            count = await _stream.ReadAsync(wanted);
            if (count == 0)
            {
                throw new IOException("The client went away.");
            }
        }

        _left -= count;
        return count;
    }

    public async Task<byte[]> ReadBodyAsync()
    {
        Body = new byte[Length];
        for (var offset = 0; await ReadSomeAsync(Body.AsMemory(offset)) is > 0 and var count;)
        {
            offset += count;
        }

        return Body;
    }

    public async Task<string> ReadTextAsync() => Encoding.UTF8.GetString(await ReadBodyAsync());

    public Task AnswerAsync(int status, string body = "{}", params string[] headers) => AnswerAsync(status, Encoding.UTF8.GetBytes(body), headers);

    public async Task AnswerAsync(int status, byte[] body, params string[] headers)
    {
        await BeginAnswerAsync(status, body.Length, headers);
        await WriteAsync(body);
    }

    /// <summary>Sends the head of an answer whose body the handler writes.</summary>
    public async Task BeginAnswerAsync(int status, long length, params string[] headers)
    {
        IsAnswered = true;
        var head = new StringBuilder().Append(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} S\r\nContent-Length: {length}\r\n");
        foreach (var header in headers)
        {
            head.Append(header).Append("\r\n");
        }

        await WriteAsync(Encoding.ASCII.GetBytes(head.Append("\r\n").ToString()));
    }

    public Task WriteAsync(ReadOnlyMemory<byte> bytes) => _stream.WriteAsync(bytes).AsTask();

    /// <summary>The connection is reset although an answer was begun.</summary>
    public void BreakOff() => IsAnswered = false;

    public async Task SkipBodyAsync()
    {
        var buffer = new byte[64 * 1024];
        while (await ReadSomeAsync(buffer) > 0)
        {
        }
    }
}
