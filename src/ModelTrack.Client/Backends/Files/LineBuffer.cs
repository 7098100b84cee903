using System.Buffers;

namespace ModelTrack.Client.Backends.Files;

/// <summary>A growing buffer of metric lines over pooled arrays, reused from key to key. Not for several threads.</summary>
internal sealed class LineBuffer : IDisposable
{
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(64 * 1024);
    private int _length;

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);

    public void Clear() => _length = 0;

    public void Add(in MetricPoint point)
    {
        if (_bytes.Length - _length < MetricLineWriter.MaxLength)
        {
            Grow();
        }

        _length += MetricLineWriter.Write(point, _bytes.AsSpan(_length));
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
        _length = 0;
    }

    private void Grow()
    {
        var larger = ArrayPool<byte>.Shared.Rent(checked(_bytes.Length * 2));
        Written.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }
}
