using System.Net.Sockets;

namespace ModelTrack.Client;

/// <summary>
/// Signs of life on a connection on which nothing is sent: while a server works on a long request, a router or load balancer on the way
/// would forget it. MLflow's values.
/// </summary>
internal sealed record TcpKeepAlive
{
    private const int Longest = 32767; // What Linux takes.

    /// <summary>After so many seconds of silence.</summary>
    public int IdleSeconds { get; init; } = 30;

    /// <summary>So many seconds apart.</summary>
    public int IntervalSeconds { get; init; } = 10;

    /// <summary>So many without an answer end the connection.</summary>
    public int Count { get; init; } = 3;

    /// <summary>As the variables say; null when they turn it off.</summary>
    /// <exception cref="ArgumentException">A variable's value breaks its rule.</exception>
    public static TcpKeepAlive? From(TrackingEnvironment environment)
    {
        var defaults = new TcpKeepAlive();
        var chosen = new TcpKeepAlive
        {
            IdleSeconds = environment.GetWhole("MLFLOW_HTTP_TCP_KEEPALIVE_IDLE", 1, Longest) ?? defaults.IdleSeconds,
            IntervalSeconds = environment.GetWhole("MLFLOW_HTTP_TCP_KEEPALIVE_INTERVAL", 1, Longest) ?? defaults.IntervalSeconds,
            Count = environment.GetWhole("MLFLOW_HTTP_TCP_KEEPALIVE_COUNT", 1, 127) ?? defaults.Count,
        };
        return environment.GetFlag("MLFLOW_HTTP_TCP_KEEPALIVE") ?? true ? chosen : null;
    }

    /// <summary>Connects as <see cref="SocketsHttpHandler"/> does by itself.</summary>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            Apply(socket);
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private void Apply(Socket socket)
    {
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, IdleSeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, IntervalSeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, Count);
        }
        catch (Exception e) when (e is SocketException or PlatformNotSupportedException)
        {
            // Not every system knows all of them; a connection without is as good as any other program's.
        }
    }
}
