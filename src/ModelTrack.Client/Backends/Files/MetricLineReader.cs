namespace ModelTrack.Client.Backends.Files;

/// <summary>
/// Reads the points of metric files through one buffer, in file order. Used again for file after file; for one thread.
/// A last line without an end is a point if it is whole, and is passed over in silence if not: somebody is writing it.
/// </summary>
internal sealed class MetricLineReader : IDisposable
{
    private const int MaxLine = 1 << 20;

    private byte[] _buffer = new byte[16 * 1024];
    private SharedFile? _file;
    private int _start;
    private int _end;
    private bool _isAtEnd;

    /// <summary>How many lines of the file could not be read so far.</summary>
    public int DamagedLines { get; private set; }

    public void Open(string path)
    {
        Close();
        _file = SharedFile.Open(path);
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
        _file?.Dispose();
        _file = null;
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

        var read = _file!.Read(_buffer.AsSpan(_end));
        _end += read;
        _isAtEnd = read == 0;
    }
}
