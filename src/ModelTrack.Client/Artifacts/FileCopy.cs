using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace ModelTrack.Client;

/// <summary>
/// Writes a stream into a local file. A failure of the file is a <see cref="LocalFileException"/>, so that whoever tries again after a
/// failure of the stream does not do so for a disk that is full.
/// </summary>
internal static class FileCopy
{
    public const int BufferSize = 128 * 1024;

    /// <summary>Writes the rest of a stream as the whole of a file. The file's own failures are thrown as they are.</summary>
    public static async Task<long> ToFileAsync(Stream content, string localFile, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        using var file = Create(localFile);
        try
        {
            return await ToHandleAsync(content, file, 0, long.MaxValue, null, progress is null ? null : progress.Report, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (LocalFileException e)
        {
            e.ThrowCause();
            throw;
        }
    }

    /// <summary>Makes the file, empty, in the place of one that may be there.</summary>
    public static SafeFileHandle Create(string localFile)
        => File.OpenHandle(localFile, FileMode.Create, FileAccess.Write, FileShare.Read, FileOptions.Asynchronous);

    /// <summary>Writes the rest of a stream into a file from an offset on.</summary>
    /// <param name="content">The stream; its failures are thrown as they are.</param>
    /// <param name="file">The file.</param>
    /// <param name="offset">Where the first byte goes.</param>
    /// <param name="limit">How much may come; an <see cref="IOException"/> before more is written.</param>
    /// <param name="received">Called when something came.</param>
    /// <param name="written">Called with the number of bytes so far, after each write.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The number of bytes.</returns>
    public static async Task<long> ToHandleAsync(
        Stream content, SafeFileHandle file, long offset, long limit, Action? received, Action<long>? written, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            for (var total = 0L; ;)
            {
                // Some servers send a few bytes at a time; a write for each would be most of the work.
                var filled = 0;
                int count;
                do
                {
                    count = await content.ReadAsync(buffer.AsMemory(filled), cancellationToken).ConfigureAwait(false);
                    filled += count;
                    received?.Invoke();
                }
                while (count > 0 && filled < BufferSize);

                if (filled > limit - total)
                {
                    throw new IOException($"More than the expected {limit} bytes came.");
                }

                if (filled > 0)
                {
                    await WriteAsync(file, buffer.AsMemory(0, filled), offset + total, cancellationToken).ConfigureAwait(false);
                    total += filled;
                    written?.Invoke(total);
                }

                if (count == 0)
                {
                    return total;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async ValueTask WriteAsync(SafeFileHandle file, ReadOnlyMemory<byte> bytes, long offset, CancellationToken cancellationToken)
    {
        try
        {
            await RandomAccess.WriteAsync(file, bytes, offset, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (LocalFileException.IsLocal(e))
        {
            throw new LocalFileException(e);
        }
    }
}
