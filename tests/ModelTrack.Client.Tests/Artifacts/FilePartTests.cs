namespace ModelTrack.Client.Tests.Artifacts;

internal sealed class FilePartTests
{
    [TestCase(10, 4, 100, new long[] { 4, 4, 2 })]
    [TestCase(8, 4, 100, new long[] { 4, 4 })]
    [TestCase(3, 4, 100, new long[] { 3 })]
    [TestCase(0, 4, 100, new long[0])]
    [TestCase(10, 1, 3, new long[] { 4, 4, 2 })]
    [TestCase(9, 1, 3, new long[] { 3, 3, 3 })]
    public void A_file_is_cut_without_gaps(long length, long size, int most, long[] lengths)
    {
        var parts = FilePart.Cut(length, size, most).ToList();

        Assert.That(parts.Select(p => p.Length), Is.EqualTo(lengths));
        Assert.That(parts.Select(p => p.Number), Is.EqualTo(Enumerable.Range(1, lengths.Length)));
        Assert.That(parts.Select(p => p.Offset), Is.EqualTo(lengths.Select((_, i) => lengths.Take(i).Sum())));
    }

    [Test]
    public void A_terabyte_fits_into_the_parts_that_S3_takes()
        => Assert.That(FilePart.Cut(1L << 40, 10 << 20, 10_000).Count(), Is.LessThanOrEqualTo(10_000).And.GreaterThan(9_000));
}
