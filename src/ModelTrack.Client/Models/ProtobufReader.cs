using System.Globalization;
using System.Text;

namespace ModelTrack.Client;

/// <summary>
/// Reads the fields of a protobuf message from a seekable stream. What is not asked for is jumped over, and no length that the file claims is
/// believed before the file has it.
/// </summary>
internal sealed class ProtobufReader(Stream stream)
{
    /// <summary>How long a text may be.</summary>
    private const int MaxText = 1 << 16;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly byte[] _text = new byte[MaxText];

    /// <summary>Where the file ends.</summary>
    public long End { get; } = stream.Length;

    /// <summary>Reads the next field's number and wire type; false at the end of the message.</summary>
    /// <param name="end">Where the message ends.</param>
    /// <param name="field">The field's number.</param>
    /// <param name="wireType">How the value is stored.</param>
    public bool TryReadField(long end, out int field, out WireType wireType)
    {
        field = 0;
        wireType = default;
        if (stream.Position == end)
        {
            return false;
        }

        var tag = ReadVarint(end);
        field = tag <= uint.MaxValue ? (int)(tag >> 3) : 0;
        wireType = (WireType)(tag & 7);
        return field != 0 && wireType is WireType.Varint or WireType.Fixed64 or WireType.Bytes or WireType.Fixed32
            ? true
            : throw Fault($"byte {stream.Position} begins no field");
    }

    /// <summary>Reads the length of a nested message and returns where it ends.</summary>
    public long ReadEnd(long end, WireType wireType)
    {
        Expect(WireType.Bytes, wireType);
        var length = ReadVarint(end);
        return length <= (ulong)(end - stream.Position)
            ? stream.Position + (long)length
            : throw Fault($"at byte {stream.Position} it announces {length} bytes, and {end - stream.Position} follow");
    }

    public long ReadInteger(long end, WireType wireType)
    {
        Expect(WireType.Varint, wireType);
        return (long)ReadVarint(end);
    }

    public string ReadText(long end, WireType wireType)
    {
        var length = ReadEnd(end, wireType) - stream.Position;
        if (length > MaxText)
        {
            throw Fault($"a name at byte {stream.Position} has {length} bytes");
        }

        var bytes = _text.AsSpan(0, (int)length);
        stream.ReadExactly(bytes);
        try
        {
            return Utf8.GetString(bytes);
        }
        catch (ArgumentException)
        {
            throw Fault($"a name before byte {stream.Position} is not valid UTF-8");
        }
    }

    public void Skip(long end, WireType wireType)
    {
        switch (wireType)
        {
            case WireType.Varint:
                ReadVarint(end);
                break;
            case WireType.Bytes:
                stream.Position = ReadEnd(end, wireType);
                break;
            default:
                var length = wireType == WireType.Fixed64 ? 8 : 4;
                if (end - stream.Position < length)
                {
                    throw Fault("it ends in the middle of a number");
                }

                stream.Position += length;
                break;
        }
    }

    private static InvalidDataException Fault(FormattableString message) => new(message.ToString(CultureInfo.InvariantCulture));

    private static InvalidDataException Fault(string message) => new(message);

    private void Expect(WireType expected, WireType actual)
    {
        if (expected != actual)
        {
            throw Fault($"before byte {stream.Position} a field has another type than ONNX gives it");
        }
    }

    private ulong ReadVarint(long end)
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = stream.Position < end ? stream.ReadByte() : -1;
            if (next < 0)
            {
                throw Fault("it ends in the middle of a number");
            }

            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw Fault($"before byte {stream.Position} a number has no end");
    }
}
