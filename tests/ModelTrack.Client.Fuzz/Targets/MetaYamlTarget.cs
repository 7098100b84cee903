using System.Text;
using ModelTrack.Client.Backends.Files;
using ModelTrack.Client.Fuzz.Running;

namespace ModelTrack.Client.Fuzz.Targets;

/// <summary>
/// A meta.yaml of the file backend: entries, or an <see cref="InvalidDataException"/>. What the quick parser takes, the whole one takes for
/// the same; and what is written is read as what it was.
/// </summary>
internal sealed class MetaYamlTarget : FuzzTarget
{
    public static readonly string[] YamlWords =
    [
        "\n", ": ", "run_id: ", "status: 3\n", "end_time: null\n", "tags: {}\n", "aliases:\n", "  a: '1'\n", "- ", "''", "'", "\"", "{", "}", "[", "]", "&a ", "*a", "!!str ", "? ", "|\n", ">\n",
        "# c", " #", "---\n", "...\n", "%YAML 1.1\n", "\t", "~", "null", "9223372036854775808", "-62135596800001", "253402300800000", "nan", "1e5", "models:/m/1", "{a: {a: {a: ", "- - - - ",
        "\u0085", "\u2028", "\ufeff", "run_id: '", "artifact_uri: ", "lifecycle_stage: deleted\n", "version: 1\n", "1_0", " 1700000000000 0.5 3\n",
    ];

    public override string Name => "meta-yaml";

    public override int ShortCount => 3_000;

    public override int BytesPerByte => 1000;

    protected override IReadOnlyList<string> Words => YamlWords;

    public override IEnumerable<byte[]> Seeds() => SeedFiles.Fixtures("meta.yaml").Concat(SeedFiles.Kept(Name));

    public override Outcome Read(byte[] input)
    {
        ReadOnlySpan<byte> text = input;
        text = text.StartsWith("\uFEFF"u8) ? text[3..] : text;
        var isQuick = MetaYamlFastParser.TryParse(text, out var quick);
        MetaYaml meta;
        try
        {
            meta = MetaYaml.Parse(input);
        }
        catch (InvalidDataException e)
        {
            return new Outcome(e.InnerException is null ? Depth.Partial : Depth.Refused, ShapeOf(e));
        }

        Use(meta);
        if (isQuick && IsText(text))
        {
            Compare(quick!, text);
        }

        if (meta.Entries.Count == 0)
        {
            // It has no form in MLflow's YAML, and is never written.
            return new Outcome(Depth.Read, "empty");
        }

        var written = meta.ToUtf8();
        var again = Describe(MetaYaml.Parse(written).Entries);
        if (again != Describe(meta.Entries))
        {
            throw new FindingException($"Written and read again it is another one:\n{Describe(meta.Entries)}\n{again}\n{Encoding.UTF8.GetString(written)}");
        }

        return new Outcome(Depth.Read, $"{isQuick} {string.Join(',', meta.Entries.Select(entry => entry.Value.GetType().Name[4]).Take(24))}");
    }

    private static void Use(MetaYaml meta)
    {
        foreach (var key in meta.Entries.Keys.ToList())
        {
            _ = meta.GetText(key);
            _ = meta.GetMap(key);
            try
            {
                _ = meta.GetTime(key);
            }
            catch (InvalidDataException)
            {
                // As its documentation says.
            }
        }
    }

    // What is no UTF-8 is text to one of them and none to the other only where a replacement character decides.
    private static bool IsText(ReadOnlySpan<byte> bytes) => System.Text.Unicode.Utf8.IsValid(bytes);

    private static void Compare(Dictionary<string, YamlNode> quick, ReadOnlySpan<byte> text)
    {
        string whole;
        try
        {
            whole = Describe(MetaYamlParser.Parse(text));
        }
        catch (Exception e) when (e is InvalidDataException or YamlDotNet.Core.YamlException)
        {
            whole = "nothing: " + e.Message;
        }

        if (whole != Describe(quick))
        {
            throw new FindingException($"The quick parser reads\n{Describe(quick)}\nand the whole one\n{whole}");
        }
    }

    private static string Describe(IReadOnlyDictionary<string, YamlNode> entries)
        => string.Join('\n', entries.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => $"{entry.Key}={Describe(entry.Value)}"));

    private static string Describe(YamlNode node) => node switch
    {
        YamlScalar scalar => scalar.IsNull ? "null" : $"'{scalar.Text}'",
        YamlSequence sequence => $"[{string.Join(", ", sequence.Items.Select(Describe))}]",
        YamlMapping mapping => $"{{{string.Join(", ", mapping.Entries.Select(entry => $"{entry.Key}: {Describe(entry.Value)}"))}}}",
        _ => "?",
    };
}
