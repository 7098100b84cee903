namespace ModelTrack.Client.Backends.Rest;

/// <summary>
/// Makes JSON of what Python's <c>json</c> writes for numbers that JSON does not have: <c>NaN</c>, <c>Infinity</c> and
/// <c>-Infinity</c> without quotes. Some of MLflow's endpoints answer so.
/// </summary>
internal static class BareNumbers
{
    /// <summary>The same text with quotes around such numbers; texts are left as they are.</summary>
    public static byte[] Quote(byte[] json)
    {
        if (json.AsSpan().IndexOf("NaN"u8) < 0 && json.AsSpan().IndexOf("Infinity"u8) < 0)
        {
            return json;
        }

        var result = new List<byte>(json.Length + 64);
        var inText = false;
        for (var i = 0; i < json.Length; i++)
        {
            var rest = json.AsSpan(i);
            if (inText && json[i] == '\\')
            {
                // What is escaped, a quote perhaps, is part of the text.
                result.Add(json[i++]);
                if (i < json.Length)
                {
                    result.Add(json[i]);
                }
            }
            else if (!inText && BareLength(rest) is > 0 and var length)
            {
                result.Add((byte)'"');
                result.AddRange(rest[..length]);
                result.Add((byte)'"');
                i += length - 1;
            }
            else
            {
                inText ^= json[i] == '"';
                result.Add(json[i]);
            }
        }

        return [.. result];
    }

    private static int BareLength(ReadOnlySpan<byte> text)
        => text.StartsWith("NaN"u8) ? 3
        : text.StartsWith("Infinity"u8) ? 8
        : text.StartsWith("-Infinity"u8) ? 9 : 0;
}
