using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace ModelTrack.Client.Backends.Files;

/// <summary>Reads any <c>meta.yaml</c> by YamlDotNet's event parser: folded lines, escapes, nested mappings, comments.</summary>
internal static class MetaYamlParser
{
    /// <summary>MLflow nests two levels; a text may nest as many as it has characters, more than a stack has room for.</summary>
    private const int MaxDepth = 64;

    public static Dictionary<string, YamlNode> Parse(ReadOnlySpan<byte> utf8)
    {
        var parser = new Parser(new StringReader(Encoding.UTF8.GetString(utf8)));
        while (parser.MoveNext() && parser.Current is StreamStart or DocumentStart)
        {
        }

        if (parser.Current is not MappingStart)
        {
            throw new InvalidDataException("It is empty, or not a mapping.");
        }

        var entries = new Dictionary<string, YamlNode>();
        foreach (var (key, value) in ((YamlMapping)ReadNode(parser, 0)).Entries)
        {
            entries[key] = value;
        }

        return entries;
    }

    /// <summary>Reads the node that begins at the current event, and ends on its last event.</summary>
    private static YamlNode ReadNode(Parser parser, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new InvalidDataException($"It is nested more than {MaxDepth} levels deep.");
        }

        switch (parser.Current)
        {
            case Scalar scalar:
                return new YamlScalar(scalar.Value, scalar.Style == ScalarStyle.Plain && scalar.Tag.IsEmpty);
            case SequenceStart:
                var items = new List<YamlNode>();
                while (parser.MoveNext() && parser.Current is not SequenceEnd)
                {
                    items.Add(ReadNode(parser, depth + 1));
                }

                return new YamlSequence(items);
            case MappingStart:
                var entries = new List<KeyValuePair<string, YamlNode>>();
                while (parser.MoveNext() && parser.Current is not MappingEnd)
                {
                    var key = ReadNode(parser, depth + 1) as YamlScalar ?? throw new InvalidDataException("It has a key that is not a scalar.");
                    parser.MoveNext();
                    entries.Add(new(key.Text, ReadNode(parser, depth + 1)));
                }

                return new YamlMapping(entries);
            default:
                throw new InvalidDataException($"It holds {parser.Current?.GetType().Name ?? "nothing"}, which MLflow does not write.");
        }
    }
}
