using System.Text;
using ModelTrack.Client.Fuzz.Running;

namespace ModelTrack.Client.Fuzz.Targets;

/// <summary>The MLmodel file: a manifest, which can be written and read again, or an <see cref="InvalidDataException"/>.</summary>
internal sealed class ManifestTarget : FuzzTarget
{
    public override string Name => "manifest";

    public override int ShortCount => 1500;

    /// <summary>YAML's smallest value is one byte, and an alias of one stands for another.</summary>
    public override int BytesPerByte => 4000;

    protected override IReadOnlyList<string> Words =>
    [
        "flavors:\n", "signature:\n", "inputs: '", "params: ", "python_function:\n", "saved_input_example_info:\n", "model_size_bytes: ", "\n  ", "\n",
        "\"type\": \"tensor\"", "\"tensor-spec\": {\"dtype\": \"float32\", \"shape\": [-1, 4]}", "{\"name\": \"a\", \"type\": \"long\"}",
        "&a [*a]", "&b", "*b", "!!int ", "!!python/object:os.system ", "|\n  ", ">-\n  ", "? ", "--- ", "...", "%YAML 1.1\n", "%TAG ! tag:x,2000:\n", "0o7", "0b1", "1:30", "1_000.5",
        "2024-01-01", ".inf", "- - - ", "[[[[[[", "{a: {a: {a: ", "\"\\x", "\"\\u00", "<<: *b",
    ];

    public override IEnumerable<byte[]> Seeds() =>
    [
        .. SeedFiles.Fixtures("*MLmodel").Concat(SeedFiles.Kept(Name)),
        "a: &a [1, 2]\nb: [*a, *a, *a]\nc: {x: !!float '1', y: ~, 3: 0x1F, ? k : v}\n"u8.ToArray(),
    ];

    public override Outcome Read(byte[] input)
    {
        var text = Encoding.UTF8.GetString(input);
        ModelManifest manifest;
        try
        {
            manifest = ModelManifest.Parse(text);
        }
        catch (InvalidDataException e)
        {
            return new Outcome(e.Message.Contains("line", StringComparison.Ordinal) ? Depth.Refused : Depth.Partial, ShapeOf(e));
        }

        _ = manifest.UtcTimeCreated;
        _ = manifest.SavedInputExample;
        _ = (manifest.Flavors, manifest.Metadata?.ToJson(), manifest.ModelSizeBytes, manifest.ModelUuid, manifest.RunId, manifest.Entries);
        _ = manifest.ToJson();
        var written = manifest.ToYaml();
        if (ModelManifest.Parse(written) != manifest)
        {
            throw new FindingException("Written and read again it is another one:\n" + written);
        }

        return new Outcome(
            Depth.Read,
            $"{string.Join(',', manifest.Entries.Values.Select(value => $"{value.Kind}{value.Entries.Count}").Take(12))} {manifest.Signature is not null}");
    }
}
