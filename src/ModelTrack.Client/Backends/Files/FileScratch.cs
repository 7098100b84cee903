using System.Buffers;

namespace ModelTrack.Client.Backends.Files;

/// <summary>A pooled buffer that small files are read into, one after the other. For one thread.</summary>
internal sealed class FileScratch : IDisposable
{
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);

    /// <summary>The whole file; valid until the next one is read.</summary>
    public ReadOnlySpan<byte> Read(string path)
    {
        using var file = SharedFile.Open(path);
        var length = 0;
        while (true)
        {
            var read = file.Read(_buffer.AsSpan(length));
            length += read;
            if (read == 0)
            {
                return _buffer.AsSpan(0, length);
            }

            if (length == _buffer.Length)
            {
                Grow();
            }
        }
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private void Grow()
    {
        var larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
        _buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
