namespace ModelTrack.Client.Backends.Rest;

/// <summary>An answer's body for a caller who reads it at leisure: each read has the request's time-out. Gives the connection back when disposed.</summary>
internal sealed class ResponseStream : Stream
{
    private readonly HttpResponseMessage _response;
    private readonly Stream _body;
    private readonly TimeSpan _pause;
    private readonly CancellationTokenSource _over;

    private ResponseStream(HttpResponseMessage response, Stream body, TimeSpan pause, TimeProvider clock)
    {
        _response = response;
        _body = body;
        _pause = pause;
        _over = new CancellationTokenSource(Timeout.InfiniteTimeSpan, clock);
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public static async Task<ResponseStream> OpenAsync(HttpResponseMessage response, TimeSpan pause, TimeProvider clock, CancellationToken cancellationToken)
    {
        try
        {
            return new ResponseStream(response, await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false), pause, clock);
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        using var either = cancellationToken.CanBeCanceled ? CancellationTokenSource.CreateLinkedTokenSource(_over.Token, cancellationToken) : null;
        _over.CancelAfter(_pause);
        try
        {
            return await _body.ReadAsync(buffer, either?.Token ?? _over.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (_over.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"The server sent nothing for {_pause.TotalSeconds:0.###} s.", e);
        }
        finally
        {
            _over.CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => _body.Read(buffer, offset, count);

    public override int Read(Span<byte> buffer) => _body.Read(buffer);

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _body.Dispose();
            _response.Dispose();
            _over.Dispose();
        }

        base.Dispose(disposing);
    }
}
