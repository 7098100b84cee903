namespace ModelTrack.Client.Fakes;

/// <summary>Reads heads and bodies of messages from a connection.</summary>
internal sealed class HttpReader(Stream stream)
{
    private readonly byte[] _buffer = new byte[1 << 16];
    private int _start;
    private int _end;

    /// <summary>All to the blank line, with it; null at the end of the connection.</summary>
    public async Task<byte[]?> ReadHeadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var length = _buffer.AsSpan(_start.._end).IndexOf("\r\n\r\n"u8);
            if (length >= 0)
            {
                return Take(length + 4);
            }

            if (!await FillAsync(cancellationToken))
            {
                return null;
            }
        }
    }

    public async Task<byte[]> ReadAsync(int length, CancellationToken cancellationToken)
    {
        var body = new byte[length];
        var buffered = Take(Math.Min(length, _end - _start));
        buffered.CopyTo(body, 0);
        await stream.ReadExactlyAsync(body.AsMemory(buffered.Length), cancellationToken);
        return body;
    }

    private byte[] Take(int length)
    {
        var taken = _buffer[_start..(_start + length)];
        _start += length;
        return taken;
    }

    private async Task<bool> FillAsync(CancellationToken cancellationToken)
    {
        _buffer.AsSpan(_start.._end).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
        _end += read;
        return read > 0;
    }
}
