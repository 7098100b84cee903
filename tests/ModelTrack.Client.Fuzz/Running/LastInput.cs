using System.IO.MemoryMappedFiles;

namespace ModelTrack.Client.Fuzz.Running;

/// <summary>
/// The input that is being read, in a mapped file: a process that does not survive it (a stack that overflows, a kill because it hangs)
/// leaves it there.
/// </summary>
internal sealed class LastInput : IDisposable
{
    private const int Capacity = 4 << 20;

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    public LastInput(string path)
    {
        Path = path;
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.Create, null, Capacity);
        _view = _file.CreateViewAccessor();
    }

    public string Path { get; }

    /// <summary>The input that a file of this form holds.</summary>
    public static byte[] ReadFrom(string path)
    {
        var bytes = File.ReadAllBytes(path);
        return bytes.Length == Capacity ? bytes[sizeof(int)..(sizeof(int) + BitConverter.ToInt32(bytes))] : bytes;
    }

    public void Remember(byte[] input)
    {
        var length = Math.Min(input.Length, Capacity - sizeof(int));
        _view.Write(0, length);
        _view.WriteArray(sizeof(int), input, 0, length);
    }

    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
    }
}
