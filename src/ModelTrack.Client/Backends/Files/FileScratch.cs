using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace ModelTrack.Client.Backends.Files;

/// <summary>A pooled buffer that small files are read into, one after the other. For one thread.</summary>
internal sealed class FileScratch : IDisposable
{
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);

    /// <summary>The whole file; valid until the next one is read.</summary>
    public ReadOnlySpan<byte> Read(string path)
    {
        using var handle = OpenShared(path);
        var length = 0;
        while (true)
        {
            var read = RandomAccess.Read(handle, _buffer.AsSpan(length), length);
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

    /// <summary>Opens for reading and keeps nobody from writing, renaming or removing.</summary>
    public static SafeFileHandle OpenShared(string path)
        => File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

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
