using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace ModelTrack.Client.Tests.Connection;

/// <summary>Answers every request with 200 by https, and notes who shows which certificate.</summary>
internal sealed class TlsServer : IAsyncDisposable
{
    private static readonly byte[] Answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"u8.ToArray();

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _over = new();
    private readonly X509Certificate2 _certificate;
    private readonly List<string?> _clients = [];
    private readonly Task _serving;

    public TlsServer(X509Certificate2 certificate)
    {
        _certificate = certificate;
        _listener.Start();
        _serving = ServeAsync();
    }

    public string Url => $"https://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>The subjects of the certificates of clients that sent a request; null for one who showed none.</summary>
    public IReadOnlyList<string?> Clients
    {
        get
        {
            lock (_clients)
            {
                return [.. _clients];
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        _listener.Stop();
        await _serving;
        _over.Dispose();
        _certificate.Dispose();
    }

    private async Task ServeAsync()
    {
        while (!_over.IsCancellationRequested)
        {
            try
            {
                using var client = await _listener.AcceptTcpClientAsync(_over.Token);
                await AnswerAsync(client.GetStream());
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or AuthenticationException)
            {
                // A client that does not trust us hangs up.
            }
        }
    }

    private async Task AnswerAsync(NetworkStream connection)
    {
        await using var stream = new SslStream(connection);
        await stream.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions
            {
                ServerCertificate = _certificate,
                ClientCertificateRequired = true,
#pragma warning disable CA5359 // Whoever comes is noted, not judged.
                RemoteCertificateValidationCallback = (_, _, _, _) => true,
#pragma warning restore CA5359
            },
            _over.Token);
        using var reader = new StreamReader(stream, leaveOpen: true);
        if (await reader.ReadLineAsync(_over.Token) is null)
        {
            return;
        }

        lock (_clients)
        {
            _clients.Add(stream.RemoteCertificate?.Subject);
        }

        await stream.WriteAsync(Answer, _over.Token);
        await stream.FlushAsync(_over.Token);
    }
}
