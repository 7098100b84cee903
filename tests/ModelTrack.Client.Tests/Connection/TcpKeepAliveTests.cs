using System.Net;
using System.Net.Sockets;

namespace ModelTrack.Client.Tests.Connection;

internal sealed class TcpKeepAliveTests
{
    [Test]
    public async Task A_connection_gives_signs_of_life()
    {
        Assume.That(OperatingSystem.IsLinux());
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var keepAlive = new TcpKeepAlive { IdleSeconds = 60, IntervalSeconds = 20, Count = 5 };
        int[] options = [];
        using var client = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = async (context, token) =>
            {
                var stream = await keepAlive.ConnectAsync(context, token);
                var socket = ((NetworkStream)stream).Socket;
                options =
                [
                    (int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive)!,
                    (int)socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime)!,
                    (int)socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval)!,
                    (int)socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount)!,
                ];
                return stream;
            },
        });
        var answering = AnswerAsync(listener);

        Assert.That(await client.GetStringAsync($"http://{listener.LocalEndpoint}/"), Is.EqualTo("ok"));

        await answering;
        Assert.That(options, Is.EqualTo(new[] { 1, 60, 20, 5 }));
    }

    [Test]
    public void Nobody_at_the_other_end_is_the_same_error_as_ever()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var free = listener.LocalEndpoint;
        listener.Stop();
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, ConnectCallback = new TcpKeepAlive().ConnectAsync });

        var e = Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync($"http://{free}/"));

        Assert.That(e!.HttpRequestError, Is.EqualTo(HttpRequestError.ConnectionError));
    }

    private static async Task AnswerAsync(TcpListener listener)
    {
        using var accepted = await listener.AcceptTcpClientAsync();
        var stream = accepted.GetStream();
        await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"u8.ToArray());
        using var reader = new StreamReader(stream);
        await reader.ReadLineAsync();
    }
}
