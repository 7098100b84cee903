using System.Buffers;
using System.Net;

namespace ModelTrack.Client;

/// <summary>
/// A local file, or a part of it, as the body of a request. The file is opened when the body is sent and read from its beginning, so that
/// a request can be made and sent anew; no more than a buffer of it is in memory.
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
        var buffer = ArrayPool<byte>.Shared.Rent(FileCopy.BufferSize);
        try
        {
            for (var total = 0L; total < length;)
            {
                var count = await ReadAsync().ConfigureAwait(false);
                await stream.WriteAsync(buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
                total += count;
                sent(total);

                async ValueTask<int> ReadAsync()
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
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    protected override bool TryComputeLength(out long computed)
    {
        computed = length;
        return true;
    }
}
