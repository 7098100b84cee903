namespace ModelTrack.Client.Backends.Files;

/// <summary>
/// How much of a batch's lines an earlier try has left in a metric file, and where.
/// <para>
/// A try appends with one write, so what it left is a prefix of the expected bytes, at a line's start, not before the length that was
/// noted. Since then others (Python's MLflow knows no lock) may have appended whole lines before it, behind it, or directly at the torn
/// end: <c>1700000000000 0.51700000001000 0.7 3</c>.
/// </para>
/// <para>
/// In this order: all of it at the noted place, all of it elsewhere, a part at the noted place, the longest part elsewhere. Where the
/// torn line and another's are glued, the line is cut such that the rest is a legal line whose timestamp is nearest to the torn one's:
/// both were logged at about the same time, while a cut in a wrong place changes the first digit. Nobody can tell a line of ours
/// from an equal one of somebody else (same key, millisecond, value and step): that one is then taken for ours.
/// </para>
/// </summary>
/// <param name="Start">Where the prefix begins, relative to what was searched.</param>
/// <param name="Stored">How many of the expected bytes stand there; 0 when there is nothing.</param>
/// <param name="Resume">Where the bytes of others go on.</param>
internal readonly record struct PriorAppend(int Start, int Stored, int Resume)
{
    private const int UsualTimestampDigits = 13;

    /// <param name="tail">The file from the noted length on.</param>
    /// <param name="expected">The lines of the batch.</param>
    /// <param name="tailIsLineStart">Whether the tail begins at a line's start, which it does unless others came in between.</param>
    public static PriorAppend Find(ReadOnlySpan<byte> tail, ReadOnlySpan<byte> expected, bool tailIsLineStart)
    {
        var first = tailIsLineStart ? 0 : NextLine(tail, 0);
        if (first < 0)
        {
            return default;
        }

        var best = At(tail, first, expected);
        if (best.Stored == expected.Length)
        {
            return best;
        }

        if (FindWhole(tail, expected, first) is { Stored: > 0 } whole)
        {
            return whole;
        }

        if (best.Stored > 0)
        {
            return best;
        }

        for (var start = NextLine(tail, first); start >= 0 && start < tail.Length; start = NextLine(tail, start))
        {
            if (tail[start] == expected[0] && At(tail, start, expected) is var found && found.Stored > best.Stored)
            {
                best = found;
            }
        }

        return best;
    }

    private static PriorAppend FindWhole(ReadOnlySpan<byte> tail, ReadOnlySpan<byte> expected, int first)
    {
        for (var from = first; from < tail.Length;)
        {
            var at = tail[from..].IndexOf(expected);
            if (at < 0)
            {
                break;
            }

            from += at;
            if (from == first || tail[from - 1] == (byte)'\n')
            {
                return new PriorAppend(from, expected.Length, from + expected.Length);
            }

            from++;
        }

        return default;
    }

    private static PriorAppend At(ReadOnlySpan<byte> tail, int start, ReadOnlySpan<byte> expected)
    {
        var there = tail[start..];
        var common = there.CommonPrefixLength(expected);
        if (common == 0)
        {
            return new PriorAppend(start, 0, start);
        }

        if (common == expected.Length || common == there.Length)
        {
            return new PriorAppend(start, common, start + common);
        }

        if (there[common] == (byte)'\n')
        {
            // Somebody closed the torn line. Its end is not ours.
            return new PriorAppend(start, common, start + common + 1);
        }

        var stored = CutGlued(there, expected, common);
        return new PriorAppend(start, stored, start + stored);
    }

    /// <summary>Where, up to <paramref name="common"/>, our bytes end and those of another begin.</summary>
    private static int CutGlued(ReadOnlySpan<byte> there, ReadOnlySpan<byte> expected, int common)
    {
        var lineStart = there[..common].LastIndexOf((byte)'\n') + 1;
        var lineEnd = there[common..].IndexOf((byte)'\n');
        var line = lineEnd < 0 ? there[lineStart..] : there[lineStart..(common + lineEnd)];

        var ours = expected[lineStart..];
        MetricLineShape.Fields(ours[..ours.IndexOf((byte)'\n')], out var ourTimestamp);
        var usualDigits = Math.Max(UsualTimestampDigits, ours.IndexOf((byte)' '));

        // A whole line of another that begins as ours does. (A torn timestamp before another's makes one of too many digits.)
        if (MetricLineShape.Fields(line, out _) is 2 or 3 && line.IndexOf((byte)' ') <= usualDigits)
        {
            return lineStart;
        }

        // Our last number and three fields look like one line with a dataset, so three fields are tried first.
        var length = common - lineStart;
        var cut = NearestCut(line, 1, length, fields: 3, ourTimestamp) ?? NearestCut(line, 0, length, fields: 5, ourTimestamp);

        // No cut gives a legal line: another's torn one, which may begin as ours does.
        return lineStart + (cut ?? 0);
    }

    private static int? NearestCut(ReadOnlySpan<byte> line, int from, int to, int fields, long ourTimestamp)
    {
        int? best = null;
        var bestDistance = UInt128.MaxValue;
        for (var cut = from; cut <= to; cut++)
        {
            var others = line[cut..];
            var hasLeadingZero = others.Length > 1 && others[0] == (byte)'0' && others[1] != (byte)' ';
            if (!hasLeadingZero && MetricLineShape.Fields(others, out var timestamp) == fields)
            {
                var distance = (UInt128)Int128.Abs((Int128)timestamp - ourTimestamp);
                (best, bestDistance) = distance <= bestDistance ? (cut, distance) : (best, bestDistance);
            }
        }

        return best;
    }

    /// <summary>The start of the line after the one that holds this place; -1 when there is none.</summary>
    private static int NextLine(ReadOnlySpan<byte> tail, int from)
    {
        var end = tail[from..].IndexOf((byte)'\n');
        return end < 0 ? -1 : from + end + 1;
    }
}
