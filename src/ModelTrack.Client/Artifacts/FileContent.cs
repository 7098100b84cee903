using System.Buffers;
using System.Net;
using Microsoft.Win32.SafeHandles;

namespace ModelTrack.Client;

/// <summary>
/// A local file, or a part of it, as the body of a request. The file is opened when the body is sent and read from its beginning, so that
/// a request can be made and sent anew; no more than two buffers of it are in memory.
/// </summary>
/// <param name="localFile">The file.</param>
/// <param name="offset">Where the part begins.</param>
/// <param name="length">The part's length.</param>
/// <param name="sent">Called with the number of bytes so far, after each write.</param>
internal sealed class FileContent(string localFile, long offset, long length, Action<long> sent) : HttpContent
{
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        using var file = LocalFileException.Guard(() => File.OpenHandle(
            localFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.Asynchronous | FileOptions.SequentialScan));
        var (filled, next) = (ArrayPool<byte>.Shared.Rent(FileCopy.BufferSize), ArrayPool<byte>.Shared.Rent(FileCopy.BufferSize));
        var reading = Task.FromResult(0);
        try
        {
            // While one buffer is sent the next one is read.
            reading = ReadAsync(file, next, 0, cancellationToken);
            for (var total = 0L; total < length;)
            {
                var count = await reading.ConfigureAwait(false);
                (filled, next) = (next, filled);
                total += count;
                if (total < length)
                {
                    reading = ReadAsync(file, next, total, cancellationToken);
                }

                await stream.WriteAsync(filled.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
                sent(total);
            }
        }
        finally
        {
            // A buffer that is still written into is nobody else's.
            await reading.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default).ConfigureAwait(false);
            ArrayPool<byte>.Shared.Return(filled);
            ArrayPool<byte>.Shared.Return(next);
        }
    }

    private async Task<int> ReadAsync(SafeFileHandle file, byte[] buffer, long total, CancellationToken cancellationToken)
    {
        try
        {
            var wanted = (int)Math.Min(FileCopy.BufferSize, length - total);
            var got = await RandomAccess.ReadAsync(file, buffer.AsMemory(0, wanted), offset + total, cancellationToken).ConfigureAwait(false);
            return got > 0 ? got : throw new EndOfStreamException($"The file '{localFile}' became shorter while it was sent.");
        }
        catch (Exception e) when (LocalFileException.IsLocal(e))
        {
            throw new LocalFileException(e);
        }
    }

    protected override bool TryComputeLength(out long computed)
    {
        computed = length;
        return true;
    }
}
