namespace ModelTrack.Client.Tests.Artifacts;

internal sealed class ImageNameTests
{
    private static readonly Guid Id = new("0f8fad5b-d9cb-469f-a165-70867728950e");
    private static readonly DateTimeOffset Time = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_123);

    [Test]
    public void The_names_are_those_that_the_UI_parses()
    {
        Assert.That(
            ImageName.Full("val/confusion matrix", 7, Time, Id),
            Is.EqualTo("images/val~confusion matrix+step+7+timestamp+1700000000123+0f8fad5b-d9cb-469f-a165-70867728950e.png"));
        Assert.That(
            ImageName.Thumbnail("dog", -1, Time, Id),
            Is.EqualTo("images/dog+step+-1+timestamp+1700000000123+0f8fad5b-d9cb-469f-a165-70867728950e+compressed.webp"));
    }

    [TestCase("")]
    [TestCase("a+b")]
    [TestCase("a%b")]
    [TestCase("a~b")]
    [TestCase("a:b")]
    [TestCase("é")]
    [TestCase("a\n")]
    public void A_key_that_the_UI_would_misread_is_refused(string key)
        => Assert.That(() => ImageName.Full(key, 0, Time, Id), Throws.ArgumentException.With.Property("ParamName").EqualTo("key"));

    [TestCase("a-b_c.d/e f")]
    [TestCase("..")]
    public void A_key_of_the_pattern_passes(string key) => Assert.That(() => ImageName.CheckKey(key), Throws.Nothing);

    private static readonly object[][] Heads =
    [
        [new byte[] { 0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0 }, ImageFormat.Png],
        [new byte[] { 0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A }, ImageFormat.Unknown],
        [new byte[] { 0xFF, 0xD8, 0xFF, 0xE0 }, ImageFormat.Jpeg],
        ["RIFF\0\0\0\0WEBPVP8 "u8.ToArray(), ImageFormat.WebP],
        ["RIFF\0\0\0\0WAVEfmt "u8.ToArray(), ImageFormat.Unknown],
        ["RIFF"u8.ToArray(), ImageFormat.Unknown],
        ["GIF89a"u8.ToArray(), ImageFormat.Unknown],
        [Array.Empty<byte>(), ImageFormat.Unknown],
    ];

    [TestCaseSource(nameof(Heads))]
    public void The_first_bytes_say_what_a_picture_is(byte[] head, object format)
        => Assert.That(ImageName.Sniff(head), Is.EqualTo(format));
}
