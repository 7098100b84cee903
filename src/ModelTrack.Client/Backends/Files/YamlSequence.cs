namespace ModelTrack.Client.Backends.Files;

/// <summary>A list; kept only so that it is written back as it was.</summary>
internal sealed class YamlSequence(IReadOnlyList<YamlNode> items) : YamlNode
{
    public static readonly YamlSequence Empty = new([]);

    public IReadOnlyList<YamlNode> Items { get; } = items;
}
