using System.Text;
using ModelTrack.Client.Backends.Files;
using ModelTrack.Client.Fuzz.Mutation;
using ModelTrack.Client.Fuzz.Running;

namespace ModelTrack.Client.Fuzz.Targets;

/// <summary>
/// Paths that a server, a manifest or a user names. Whatever the text: where it leads is inside the folder it is for, as it is and decoded
/// as often as can be, on this system and read as Windows reads it; or it is refused.
/// </summary>
internal sealed class PathTarget : FuzzTarget
{
    private const string Root = "/data/root";

    private readonly DownloadTarget _download = new(Root);

    public override string Name => "path";

    public override int ShortCount => 5_000;

    /// <summary>A path is decoded up to ten times, and split each time.</summary>
    public override int BytesPerByte => 2000;

    protected override IReadOnlyList<string> Words =>
    [
        "..", "../", "..\\", "%2e", "%2E%2E", "%252e", "%25", "%2f", "%5c", "%00", "/", "//", "\\", "./", ". .", ".. ", " ..", "...", "%20", "%c0%ae", "%u002e", "CON", "nul.txt", "C:", "c%3a",
        "\u2024", "\uff0e", "\u2215", "\u2044", "\0", "\n", "%0a", "~", "#", "?", "*", ";", "|", "$", "a/b", "%e2%80%a5", "%ff", "%F0%9F%98%80", "%%", "%2", "%2525",
    ];

    public override IEnumerable<byte[]> Seeds() => new[]
    {
        "a/b/c.txt", "reports/confusion matrix.csv", "../../../etc/passwd", "%2e%2e%2f%2e%2e%2fetc", "..%252f..%252fetc", "%25252e%25252e/a", "..\\..\\windows", "C:/windows", "a/../../b", "a.txt%00.png", "\\\\server\\share",
        "models/m-1/MLmodel", "train/loss", "é/😀", "a%20b", "CON.txt", ".. /x", "a/. ./b",
    }.Select(Encoding.UTF8.GetBytes).Concat(SeedFiles.Kept(Name));

    /// <exception cref="FindingException">It is not.</exception>
    public static void CheckInside(string path)
    {
        // The rules are written anew here, and not taken from what is tested.
        var text = path;
        for (var round = 0; round < 16; round++)
        {
            if (text.Contains('\0') || text.StartsWith('/') || text.StartsWith('\\') || (text.Length > 1 && text[1] == ':' && char.IsAsciiLetter(text[0])))
            {
                throw new FindingException($"The path {path}, decoded {round} times, is absolute: {text}");
            }

            if (text.Split('/', '\\').Any(part => part.TrimEnd(' ') == ".." || (part.Length > 1 && part.Trim('.', ' ').Length == 0)))
            {
                throw new FindingException($"The path {path}, decoded {round} times, leads upward: {text}");
            }

            var place = Path.GetFullPath(Path.Combine(Root, text));
            if (place != Root && !place.StartsWith(Root + "/", StringComparison.Ordinal))
            {
                throw new FindingException($"The path {path}, decoded {round} times, leads to {place}");
            }

            var next = Decode(text);
            if (next == text)
            {
                return;
            }

            text = next;
        }
    }

    public override byte[] Next(Random random, IReadOnlyList<byte[]> pool)
    {
        if (random.Next(3) > 0)
        {
            return base.Next(random, pool);
        }

        // A known path, some of whose characters are encoded, some of these again.
        var text = new Mutator(random, Words).Mutate(pool);
        for (var round = random.Next(1, 4); round > 0 && text.Length < 2000; round--)
        {
            text = [.. text.SelectMany(b => random.Next(3) == 0 ? Encoding.ASCII.GetBytes($"%{b:x2}") : [b])];
        }

        return text;
    }

    public override Outcome Read(byte[] input)
    {
        var text = input.Length % 7 == 0 ? Encoding.Unicode.GetString(input) : Encoding.UTF8.GetString(input);
        var results = new StringBuilder();
        Check(ArtifactPath.FindFault(text) is null, "write");
        Check(ArtifactPath.FindReadingFault(text) is null, "read");
        Check(ArtifactPath.FindListingFault(text, ArtifactPath.FolderOf(text)) is null, "list");
        CheckPlain(Try(() => ArtifactPath.Combine("a", text)), "combine");
        CheckPlain(Try(() => KeyPath.Checked(Root, text)), "key");
        CheckPlain(Try(() => new RegistryLayout(Root).Model(text)), "model");
        CheckPlain(Try(() => _download.PathOf(text)), "download");
        if (FileLayout.IsId(text) && text.AsSpan().IndexOfAny('/', '\\', '.') >= 0)
        {
            throw new FindingException("It passes for an id: " + text);
        }

        return new Outcome(results.Length > 0 ? Depth.Read : input.Contains((byte)'%') ? Depth.Partial : Depth.Refused, $"{results} {ArtifactPath.FindFault(text)?.Split('"')[0]} {input.Length / 32 % 8}");

        void Check(bool accepted, string use)
        {
            if (accepted)
            {
                CheckInside(text);
                results.Append(use).Append(' ');
            }
        }

        void CheckPlain(string? place, string use)
        {
            if (place is null)
            {
                return;
            }

            var full = Path.GetFullPath(Path.Combine(Root, place));
            results.Append(use).Append(' ');
            if (full != Root && !full.StartsWith(Root + "/", StringComparison.Ordinal))
            {
                throw new FindingException($"{use}: {text} leads to {full}");
            }
        }
    }

    private static string? Try(Func<string> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is ArgumentException or ModelTrackException or IOException)
        {
            return null;
        }
    }

    private static string Decode(string text)
    {
        var bytes = new List<byte>();
        var from = Encoding.UTF8.GetBytes(text);
        for (var i = 0; i < from.Length; i++)
        {
            if (from[i] == '%' && i + 2 < from.Length && char.IsAsciiHexDigit((char)from[i + 1]) && char.IsAsciiHexDigit((char)from[i + 2]))
            {
                bytes.Add(Convert.FromHexString(Encoding.ASCII.GetString(from, i + 1, 2))[0]);
                i += 2;
            }
            else
            {
                bytes.Add(from[i]);
            }
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }
}
