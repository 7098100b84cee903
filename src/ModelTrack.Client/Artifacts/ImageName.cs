using System.Buffers;
using System.Globalization;

namespace ModelTrack.Client;

/// <summary>
/// Names of pictures that belong to steps, as MLflow's UI parses them. Both files are needed: step and time are read from the
/// <c>.png</c>, the <c>.webp</c> is the thumbnail. One file in <c>images/</c> whose name does not parse makes the UI drop them all.
/// </summary>
internal static class ImageName
{
    public const string Folder = "images";

    /// <summary>The value of <see cref="SystemTags.LoggedImages"/> in a run that has such pictures, as Python writes it.</summary>
    public const string TagValue = "True";

    private static readonly SearchValues<char> AllowedInKeys
        = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./ ");

    /// <summary>Path of the picture itself, a PNG.</summary>
    public static string Full(string key, long step, DateTimeOffset timestamp, Guid id) => Stem(key, step, timestamp, id) + ".png";

    /// <summary>Path of its small copy, a WebP of at most 256 pixels a side.</summary>
    public static string Thumbnail(string key, long step, DateTimeOffset timestamp, Guid id)
        => Stem(key, step, timestamp, id) + "+compressed.webp";

    public static void CheckKey(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (key.Length == 0)
        {
            throw new ArgumentException("An image key must not be empty.", nameof(key));
        }

        if (key.AsSpan().IndexOfAnyExcept(AllowedInKeys) is >= 0 and var index)
        {
            throw new ArgumentException(
                $"An image key holds only ASCII letters, digits, '_', '-', '.', '/' and ' ', but {Excerpt.Of(key)} has "
                + $"{Excerpt.CharacterAt(key, index)}.",
                nameof(key));
        }
    }

    /// <summary>What the bytes at a file's beginning say that it is. Twelve are enough.</summary>
    public static ImageFormat Sniff(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith((ReadOnlySpan<byte>)[0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]))
        {
            return ImageFormat.Png;
        }

        if (head.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]))
        {
            return ImageFormat.Jpeg;
        }

        return head.Length >= 12 && head.StartsWith("RIFF"u8) && head[8..].StartsWith("WEBP"u8) ? ImageFormat.WebP : ImageFormat.Unknown;
    }

    private static string Stem(string key, long step, DateTimeOffset timestamp, Guid id)
    {
        CheckKey(key);
        var milliseconds = timestamp.ToUnixTimeMilliseconds();
        return string.Create(
            CultureInfo.InvariantCulture, $"{Folder}/{key.Replace('/', '~')}+step+{step}+timestamp+{milliseconds}+{id:D}");
    }
}
