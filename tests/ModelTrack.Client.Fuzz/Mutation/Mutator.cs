using System.Buffers.Binary;
using System.Text;

namespace ModelTrack.Client.Fuzz.Mutation;

/// <summary>Changes bytes at random: a few at a time as a rule, so that most of an input stays what it was.</summary>
internal sealed class Mutator(Random random, IReadOnlyList<string> words)
{
    public const int MaxLength = 256 << 10;

    private static readonly byte[] Signs = [.. "\0\t\n\r \"#%&'()*,-./:;<=>?@[\\]`{|}~"u8];

    private static readonly long[] Numbers =
    [
        0, 1, -1, 7, 8, 15, 16, 63, 64, 127, 128, 255, 256, 1000, 65_535, 65_536, (1 << 20) - 8, 1 << 20, (1 << 24) - 1, 1 << 26,
        int.MaxValue, int.MinValue, uint.MaxValue, 253_402_300_799_999, 253_402_300_800_000, long.MaxValue, long.MinValue,
    ];

    private static readonly string[] Texts =
    [
        "9223372036854775808", "-9223372036854775808", "1e999", "nan", "-inf", "0x", "null", "true", "{}", "[]", "[[", "{\"a\":",
        "\ud83d\ude00", "\u0085", "\u2028", "\ufeff", "\u202e", "../", "..\\", "%2e%2e%2f", "/", "\\\\", "C:\\", "file:", "://", "@",
        "é", "ﬀ", "İ", "\\u0000", "\\ud800", "&a ", "*a", "!!float ", "<<", "- ", ": ", "''", "\"\"",
    ];

    /// <summary>An input made of one of the pool's.</summary>
    public byte[] Mutate(IReadOnlyList<byte[]> pool)
    {
        var bytes = pool[random.Next(pool.Count)].ToList();
        for (var changes = 1 + Geometric(); changes > 0; changes--)
        {
            Change(bytes, pool);
        }

        if (bytes.Count > MaxLength)
        {
            bytes.RemoveRange(MaxLength, bytes.Count - MaxLength);
        }

        return [.. bytes];
    }

    /// <summary>Changes a range of bytes in place and keeps its length.</summary>
    public void Overwrite(Span<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return;
        }

        var at = random.Next(bytes.Length);
        switch (random.Next(4))
        {
            case 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                bytes[at] = Signs[random.Next(Signs.Length)];
                break;
            case 2 when bytes.Length >= sizeof(int):
                at = random.Next((bytes.Length - sizeof(int)) / sizeof(int) + 1) * sizeof(int);
                BinaryPrimitives.WriteInt32LittleEndian(bytes[at..], (int)Numbers[random.Next(Numbers.Length)]);
                break;
            case 3 when bytes.Length >= sizeof(long):
                at = random.Next((bytes.Length - sizeof(long)) / sizeof(long) + 1) * sizeof(long);
                BinaryPrimitives.WriteInt64LittleEndian(bytes[at..], Numbers[random.Next(Numbers.Length)]);
                break;
            default:
                bytes[at] = (byte)random.Next(256);
                break;
        }
    }

    private void Change(List<byte> bytes, IReadOnlyList<byte[]> pool)
    {
        var at = random.Next(bytes.Count + 1);
        var length = Math.Min(bytes.Count - at, 1 + Geometric() * random.Next(1, 8));
        switch (random.Next(12))
        {
            case 0 or 1 when length > 0:
                bytes.RemoveRange(at, length);
                break;
            case 2:
                bytes.InsertRange(random.Next(bytes.Count + 1), bytes.GetRange(at, length));
                break;
            case 3 when bytes.Count > 0:
                Repeat(bytes, at, length);
                break;
            case 4:
                bytes.Insert(at, Signs[random.Next(Signs.Length)]);
                break;
            case 5:
                bytes.InsertRange(at, Encoding.UTF8.GetBytes(Texts[random.Next(Texts.Length)]));
                break;
            case 6 or 7 when words.Count > 0:
                bytes.RemoveRange(at, random.Next(2) == 0 ? length : 0);
                bytes.InsertRange(at, Encoding.UTF8.GetBytes(words[random.Next(words.Count)]));
                break;
            case 8:
                Splice(bytes, at, pool[random.Next(pool.Count)]);
                break;
            case 9 when random.Next(4) == 0:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            default:
                Overwrite(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(bytes));
                break;
        }
    }

    /// <summary>Many times the same: what is nested, long, or of many parts.</summary>
    private void Repeat(List<byte> bytes, int at, int length)
    {
        var piece = bytes.GetRange(at, length);
        var times = 1 << random.Next(random.Next(8) == 0 ? 16 : 6);
        var copies = new List<byte>(Math.Min(piece.Count * times, MaxLength));
        for (; times > 0 && copies.Count < MaxLength && piece.Count > 0; times--)
        {
            copies.AddRange(piece);
        }

        bytes.InsertRange(at, copies);
    }

    private void Splice(List<byte> bytes, int at, byte[] other)
    {
        var from = random.Next(other.Length + 1);
        var to = random.Next(from, other.Length + 1);
        if (random.Next(2) == 0)
        {
            bytes.RemoveRange(at, bytes.Count - at);
            to = other.Length;
        }

        bytes.InsertRange(at, other[from..to]);
    }

    private int Geometric()
    {
        var count = 0;
        while (count < 12 && random.Next(2) == 0)
        {
            count++;
        }

        return count;
    }
}
