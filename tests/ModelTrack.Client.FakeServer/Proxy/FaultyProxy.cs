using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ModelTrack.Client.Fakes;

/// <summary>
/// What stands between a client and a server and does to requests and answers what a network can: a script says what, request by request.
/// It knows just enough of HTTP/1.1 to tell one request from the next. Safe for calls from several threads.
/// </summary>
internal sealed class FaultyProxy : IAsyncDisposable
{
    private readonly Uri _server;
    private readonly TimeProvider _clock;
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentDictionary<Socket, Task> _connections = new();
    private readonly ConcurrentBag<Task> _late = [];
    private TcpListener _listener;
    private Task _accepting;
    private long _slowest;

    public FaultyProxy(Uri server, TimeProvider clock)
    {
        _server = server;
        _clock = clock;
        _listener = new TcpListener(IPAddress.Loopback, 0);
        _listener.Start();
        Url = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");
        _accepting = AcceptAsync(_listener);
    }

    public Uri Url { get; }

    /// <summary>The longest that the server took to carry out a request, its lateness included.</summary>
    public TimeSpan Slowest => new(Interlocked.Read(ref _slowest));

    /// <summary>Called with the head of every request, from several threads.</summary>
    public Func<ProxiedRequest, Deed> Script { get; set; } = _ => Deed.Pass;

    /// <summary>From now on connections are refused; those that are open are reset.</summary>
    public async Task CloseAsync()
    {
        _listener.Stop();
        await _accepting;
        foreach (var connection in _connections.Keys)
        {
            Reset(connection);
        }
    }

    /// <summary>Ends when nothing is on its way any more. Whoever used it is gone.</summary>
    public Task IdleAsync() => Task.WhenAll(_connections.Values.Concat(_late));

    /// <summary>Ends when the server has all that was to come late.</summary>
    public Task AllIsThereAsync() => Task.WhenAll(_late);

    /// <summary>Listens again, at the same address.</summary>
    public void Open()
    {
        _listener = new TcpListener(IPAddress.Loopback, Url.Port);
        _listener.Start();
        _accepting = AcceptAsync(_listener);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await CloseAsync();
        await IdleAsync();
        _end.Dispose();
    }

    private static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(true, 0);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It is closed already.
        }

        socket.Dispose();
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                var socket = await listener.AcceptSocketAsync();
                socket.NoDelay = true;
                var start = new TaskCompletionSource();
                _connections[socket] = ServeAsync(start.Task, socket);
                start.SetResult();
            }
        }
        catch (Exception e) when (e is SocketException or InvalidOperationException)
        {
            // It was told to stop, while it waited or before it did.
        }
    }

    private async Task ServeAsync(Task start, Socket socket)
    {
        await start;
        await Task.Yield();
        try
        {
            using var client = new NetworkStream(socket);
            using var upstream = new TcpClient { NoDelay = true };
            var input = new HttpReader(client);
            HttpReader? answers = null;
            while (await input.ReadHeadAsync(_end.Token) is { } head)
            {
                var request = new ProxiedRequest(head);
                var deed = Script(request);
                if (deed.Reply == Reply.ResetAtOnce)
                {
                    Reset(socket);
                    return;
                }

                var body = request.IsChunked
                    ? throw new NotSupportedException("The client sends no chunks.")
                    : await input.ReadAsync(request.ContentLength, _end.Token);
                var began = _clock.GetTimestamp();
                var (answerHead, answerBody) = Split(deed.Answer ?? "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"u8.ToArray());
                if (deed.Late is { } late && (deed.Reply != Reply.Whole || deed.Answer is not null))
                {
                    _late.Add(ApplyLateAsync(head, body, late));
                }
                else if (deed.Applies)
                {
                    if (deed.Late is { } slow)
                    {
                        await Task.Delay(slow, _clock, _end.Token);
                    }

                    if (answers is null)
                    {
                        await upstream.ConnectAsync(IPAddress.Loopback, _server.Port, _end.Token);
                        answers = new HttpReader(upstream.GetStream());
                    }

                    await upstream.GetStream().WriteAsync(head, _end.Token);
                    await upstream.GetStream().WriteAsync(body, _end.Token);
                    var own = await answers.ReadHeadAsync(_end.Token) ?? throw new IOException("The server closed the connection.");
                    var ownBody = await answers.ReadAsync(new ProxiedRequest(own).ContentLength, _end.Token);
                    Took(_clock.GetElapsedTime(began));
                    (answerHead, answerBody) = deed.Answer is null ? (own, ownBody) : (answerHead, answerBody);
                }

                deed.Done();
                if (!await ReplyAsync(socket, client, deed.Reply, answerHead, answerBody))
                {
                    return;
                }
            }
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // One of the two went away.
        }
        finally
        {
            socket.Dispose();
            _connections.TryRemove(socket, out _);
        }
    }

    private async Task ApplyLateAsync(byte[] head, byte[] body, TimeSpan late)
    {
        var began = _clock.GetTimestamp();
        try
        {
            await Task.Delay(late, _clock, _end.Token);
            using var upstream = new TcpClient { NoDelay = true };
            await upstream.ConnectAsync(IPAddress.Loopback, _server.Port, _end.Token);
            await upstream.GetStream().WriteAsync(head, _end.Token);
            await upstream.GetStream().WriteAsync(body, _end.Token);
            await new HttpReader(upstream.GetStream()).ReadHeadAsync(_end.Token);
            Took(_clock.GetElapsedTime(began));
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    private void Took(TimeSpan time)
    {
        long known;
        while ((known = Interlocked.Read(ref _slowest)) < time.Ticks && Interlocked.CompareExchange(ref _slowest, time.Ticks, known) != known)
        {
            // Another one was longer, perhaps.
        }
    }

    /// <summary>False when the connection is over.</summary>
    private async Task<bool> ReplyAsync(Socket socket, NetworkStream client, Reply reply, byte[] head, byte[] body)
    {
        switch (reply)
        {
            case Reply.Whole:
                await client.WriteAsync(head, _end.Token);
                await client.WriteAsync(body, _end.Token);
                return true;
            case Reply.InDrops:
                foreach (var drop in head.Concat(body).Chunk(Math.Max(1, (head.Length + body.Length) / 8)))
                {
                    await client.WriteAsync(drop, _end.Token);
                    await Task.Delay(TimeSpan.FromMilliseconds(1), _clock, _end.Token);
                }

                return true;
            case Reply.CutBody:
                body = body[..(body.Length / 2)];
                var length = string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n");
                await client.WriteAsync(Encoding.Latin1.GetBytes(length), _end.Token);
                await client.WriteAsync(body, _end.Token);
                return true;
            case Reply.HalfHead or Reply.HalfHeadThenEnd:
                await client.WriteAsync(head.AsMemory(0, 23), _end.Token);
                break;
            case Reply.HalfBody or Reply.HalfBodyThenEnd:
                await client.WriteAsync(head, _end.Token);
                await client.WriteAsync(body.AsMemory(0, body.Length / 2), _end.Token);
                break;
            case Reply.Reset:
                Reset(socket);
                return false;
            default:
                break;
        }

        if (reply is Reply.Silence or Reply.HalfHead or Reply.HalfBody)
        {
            // Until the client has enough of it.
            await client.ReadAtLeastAsync(new byte[1], 1, throwOnEndOfStream: false, _end.Token);
        }

        return false;
    }

    private static (byte[] Head, byte[] Body) Split(byte[] answer)
    {
        var end = answer.AsSpan().IndexOf("\r\n\r\n"u8) + 4;
        return (answer[..end], answer[end..]);
    }
}
