namespace ModelTrack.Client;

/// <param name="Number">From 1 on.</param>
/// <param name="Offset">Where it begins.</param>
/// <param name="Length">How long it is.</param>
internal readonly record struct FilePart(int Number, long Offset, long Length)
{
    /// <summary>Cuts a file into parts of a size, the last one with what is left; into larger ones where there would be too many.</summary>
    public static IEnumerable<FilePart> Cut(long length, long partSize, int mostParts)
    {
        partSize = Math.Max(partSize, 1 + ((length - 1) / mostParts));
        var number = 0;
        for (var offset = 0L; offset < length; offset += partSize)
        {
            yield return new FilePart(++number, offset, Math.Min(partSize, length - offset));
        }
    }
}
