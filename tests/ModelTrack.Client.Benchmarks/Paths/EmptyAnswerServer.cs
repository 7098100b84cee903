using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ModelTrack.Client.Benchmarks.Paths;

/// <summary>
/// A server that answers <c>{}</c> to every batch, without looking at it, and what is needed to start a run: what remains is the cost of
/// the client and of HTTP. Runs in a process of its own, and ends when its standard input does.
/// </summary>
internal static class EmptyAnswerServer
{
    private const string Run =
        """{"run":{"info":{"run_id":"0123456789abcdef0123456789abcdef","experiment_id":"1","status":"RUNNING","start_time":1,"lifecycle_stage":"active","artifact_uri":"mlflow-artifacts:/1/0123456789abcdef0123456789abcdef/artifacts"},"data":{}}}""";

    /// <summary>What it says of a run's artifacts: one file.</summary>
    private static readonly string Files = $$"""{"files":[{"path":"large.bin","is_dir":false,"file_size":{{ProxyTransfer.Bytes}}}]}""";


    private const string Experiment = """{"experiment":{"experiment_id":"1","name":"benchmark","lifecycle_stage":"active"}}""";

    private static readonly byte[] Continue = "HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray();

    private static readonly byte[] Batch = Answer("{}");

    public static async Task RunAsync()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Console.WriteLine($"http://{listener.LocalEndpoint}");
        var end = Task.Run(Console.In.ReadToEnd);
        while (!end.IsCompleted)
        {
            var accept = listener.AcceptSocketAsync();
            if (await Task.WhenAny(accept, end) == accept)
            {
                _ = ServeAsync(await accept);
            }
        }
    }

    private static async Task ServeAsync(Socket socket)
    {
        using var _ = socket;
        socket.NoDelay = true;
        var buffer = new byte[1 << 18];
        var length = 0;
        while (true)
        {
            int head;
            while ((head = buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8)) < 0)
            {
                if (await socket.ReceiveAsync(buffer.AsMemory(length)) is > 0 and var more)
                {
                    length += more;
                }
                else
                {
                    return;
                }
            }

            var answer = AnswerTo(buffer.AsSpan(0, head));
            var isFile = IsFile(buffer.AsSpan(0, head));
            var left = head + 4 + ContentLength(buffer.AsSpan(0, head)) - length;
            if (buffer.AsSpan(0, head).IndexOf("Expect: 100-continue"u8) >= 0)
            {
                await socket.SendAsync(Continue);
            }

            length = 0;
            while (left > 0)
            {
                if (await socket.ReceiveAsync(buffer.AsMemory()) is > 0 and var more)
                {
                    left -= more;
                }
                else
                {
                    return;
                }
            }

            await socket.SendAsync(answer);
            if (isFile)
            {
                await SendFileAsync(socket);
            }
        }
    }

    private static async Task SendFileAsync(Socket socket)
    {
        var zeros = new byte[1 << 16];
        for (var left = ProxyTransfer.Bytes; left > 0;)
        {
            left -= await socket.SendAsync(zeros.AsMemory(0, (int)Math.Min(left, zeros.Length)));
        }
    }

    private static byte[] AnswerTo(ReadOnlySpan<byte> head)
        => head.IndexOf("/runs/log-batch"u8) >= 0 ? Batch
            : IsFile(head) ? Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: {ProxyTransfer.Bytes}\r\n\r\n")
            : head.IndexOf("/runs/get"u8) >= 0 ? Answer(Run)
            : head.IndexOf("artifacts/list"u8) >= 0 ? Answer(Files)
            : head.IndexOf("/runs/create"u8) >= 0 ? Answer(Run.Replace("0123456789abcdef0123456789abcdef", Guid.NewGuid().ToString("N"), StringComparison.Ordinal))
            : head.IndexOf("/experiments/get"u8) >= 0 ? Answer(Experiment)
            : head.IndexOf("/runs/update"u8) >= 0 ? Answer("""{"run_info":{}}""")
            : Batch;

    private static bool IsFile(ReadOnlySpan<byte> head) => head.StartsWith("GET "u8) && head.IndexOf("/mlflow-artifacts/artifacts/"u8) >= 0;

    private static int ContentLength(ReadOnlySpan<byte> head)
    {
        var at = head.IndexOf("Content-Length: "u8);
        return at >= 0 && Utf8Parser.TryParse(head[(at + "Content-Length: ".Length)..], out int length, out _) ? length : 0;
    }

    private static byte[] Answer(string json)
        => Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {json.Length}\r\n\r\n{json}");
}
