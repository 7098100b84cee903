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
            return await ToHandleAsync(content, file, 0, long.MaxValue, progress is null ? null : progress.Report, cancellationToken)
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
    /// <param name="written">Called with the number of bytes so far, after each write.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The number of bytes.</returns>
    public static async Task<long> ToHandleAsync(
        Stream content, SafeFileHandle file, long offset, long limit, Action<long>? written, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            var total = 0L;
            while (await content.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is > 0 and var count)
            {
                if (count > limit - total)
                {
                    throw new IOException($"More than the expected {limit} bytes came.");
                }

                try
                {
                    await RandomAccess.WriteAsync(file, buffer.AsMemory(0, count), offset + total, cancellationToken).ConfigureAwait(false);
                }
                catch (Exception e) when (LocalFileException.IsLocal(e))
                {
                    throw new LocalFileException(e);
                }

                total += count;
                written?.Invoke(total);
            }

            return total;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
