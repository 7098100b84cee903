using System.Threading.Channels;

namespace ModelTrack.Client.Benchmarks.Calls;

/// <summary>What a metric's way would be in the simplest client: a bounded channel of points in memory, and a task that reads it.</summary>
internal sealed class ChannelQueue : IDisposable
{
    private const int Capacity = 1 << 16;

    private readonly Channel<Point> _channel = Channel.CreateBounded<Point>(new BoundedChannelOptions(Capacity) { SingleReader = true });
    private readonly Task _reader;
    private long _written;
    private long _read;

    public ChannelQueue() => _reader = Task.Run(ReadAsync);

    public double Sum { get; private set; }

    public void Write(int calls)
    {
        var writer = _channel.Writer;
        for (var i = 0; i < calls; i++)
        {
            var point = new Point("loss", i * 0.37, i, TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
            if (!writer.TryWrite(point))
            {
                writer.WriteAsync(point).AsTask().GetAwaiter().GetResult();
            }
        }

        _written += calls;
    }

    public void Flush() => SpinWait.SpinUntil(() => Volatile.Read(ref _read) == _written);

    public void Dispose()
    {
        _channel.Writer.Complete();
        _reader.GetAwaiter().GetResult();
    }

    private async Task ReadAsync()
    {
        while (await _channel.Reader.WaitToReadAsync())
        {
            while (_channel.Reader.TryRead(out var point))
            {
                Sum += point.Value;
                Volatile.Write(ref _read, _read + 1);
            }
        }
    }

    private readonly record struct Point(string Key, double Value, long Step, long Timestamp);
}
