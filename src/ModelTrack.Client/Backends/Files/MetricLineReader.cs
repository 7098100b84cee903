using Microsoft.Win32.SafeHandles;

namespace ModelTrack.Client.Backends.Files;

/// <summary>
/// Reads the points of metric files through one buffer, in file order. Used again for file after file; for one thread.
/// A last line without an end is a point if it is whole, and is passed over in silence if not: somebody is writing it.
/// </summary>
internal sealed class MetricLineReader : IDisposable
{
    private const int MaxLine = 1 << 20;

    private byte[] _buffer = new byte[16 * 1024];
    private SafeFileHandle? _handle;
    private long _offset;
    private int _start;
    private int _end;
    private bool _isAtEnd;

    /// <summary>How many lines of the file could not be read so far.</summary>
    public int DamagedLines { get; private set; }

    public void Open(string path)
    {
        Close();
        _handle = FileScratch.OpenShared(path);
        _offset = 0;
        (_start, _end, _isAtEnd, DamagedLines) = (0, 0, false, 0);
    }

    public bool TryRead(out MetricPoint point)
    {
        while (true)
        {
            var unread = _buffer.AsSpan(_start, _end - _start);
            var lineEnd = unread.IndexOf((byte)'\n');
            if (lineEnd >= 0)
            {
                _start += lineEnd + 1;
                if (MetricLine.TryParse(unread[..lineEnd], out point))
                {
                    return true;
                }

                DamagedLines++;
            }
            else if (_isAtEnd || unread.Length >= MaxLine)
            {
                _start = _end;
                _isAtEnd = true;
                return MetricLine.TryParse(unread, out point);
            }
            else
            {
                Fill();
            }
        }
    }

    public void Close()
    {
        _handle?.Dispose();
        _handle = null;
    }

    public void Dispose() => Close();

    private void Fill()
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        _end -= _start;
        _start = 0;
        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        var read = RandomAccess.Read(_handle!, _buffer.AsSpan(_end), _offset);
        _offset += read;
        _end += read;
        _isAtEnd = read == 0;
    }
}
