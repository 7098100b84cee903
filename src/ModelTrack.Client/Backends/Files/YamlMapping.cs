namespace ModelTrack.Client.Backends.Files;

/// <summary>A mapping inside a <c>meta.yaml</c>, for example the tags of a dataset input.</summary>
internal sealed class YamlMapping(IReadOnlyList<KeyValuePair<string, YamlNode>> entries) : YamlNode
{
    public static readonly YamlMapping Empty = new([]);

    public IReadOnlyList<KeyValuePair<string, YamlNode>> Entries { get; } = entries;
}
