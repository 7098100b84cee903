using System.Buffers.Binary;
using System.Text;

namespace ModelTrack.Client.Fuzz.Mutation;

/// <summary>Several small files as one input. Any bytes are a pack.</summary>
internal static class FilePack
{
    private const int MaxFiles = 16;

    public static byte[] Pack(IEnumerable<(string Name, byte[] Content)> files)
    {
        var bytes = new List<byte>();
        foreach (var (name, content) in files)
        {
            bytes.Add((byte)name.Length);
            bytes.AddRange(Encoding.ASCII.GetBytes(name));
            var length = new byte[sizeof(int)];
            BinaryPrimitives.WriteInt32LittleEndian(length, content.Length);
            bytes.AddRange(length);
            bytes.AddRange(content);
        }

        return [.. bytes];
    }

    public static List<(string Name, byte[] Content)> Unpack(ReadOnlySpan<byte> bytes)
    {
        var files = new List<(string, byte[])>();
        while (!bytes.IsEmpty && files.Count < MaxFiles)
        {
            var nameLength = Math.Min(bytes[0], bytes.Length - 1);
            var name = string.Concat(Encoding.Latin1.GetString(bytes.Slice(1, nameLength)).Where(c => char.IsAsciiLetterOrDigit(c) || c == '.'));
            bytes = bytes[(1 + nameLength)..];
            var length = bytes.Length < sizeof(int) ? 0 : BinaryPrimitives.ReadInt32LittleEndian(bytes);
            bytes = bytes[Math.Min(sizeof(int), bytes.Length)..];
            length = Math.Clamp(length, 0, bytes.Length);
            files.Add((name.Trim('.').Length == 0 ? "file" : name, bytes[..length].ToArray()));
            bytes = bytes[length..];
        }

        return files;
    }
}
