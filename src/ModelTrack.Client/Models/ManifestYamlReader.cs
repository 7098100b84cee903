using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace ModelTrack.Client;

/// <summary>
/// Reads a YAML document as PyYAML's safe loader does, and makes nothing but plain values of it. An alias stands for the value that it
/// names, which is counted as often as it stands somewhere, so that no short text unfolds to a huge one.
/// </summary>
internal sealed class ManifestYamlReader
{
    /// <summary>Far more than any manifest has.</summary>
    private const int MaxValues = 250_000;

    private readonly Parser _parser;
    private int _count;

    /// <summary>Null while the value is being read.</summary>
    private readonly Dictionary<string, ModelValue?> _anchors = new(StringComparer.Ordinal);

    private ManifestYamlReader(string text) => _parser = new Parser(new StringReader(text));

    /// <exception cref="InvalidDataException">It is no YAML document, or one with something that is not accepted.</exception>
    public static ModelValue Read(string text)
    {
        CheckCharacters(text);
        var reader = new ManifestYamlReader(text);
        try
        {
            return reader.ReadDocument();
        }
        catch (YamlException e)
        {
            throw new InvalidDataException($"{At(e.Start)}: {e.Message}", e);
        }
        catch (Exception e) when (YamlFaults.IsParsers(e))
        {
            throw reader.Fault(e.Message, e);
        }
    }

    private static void CheckCharacters(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsControl(text[i]) && text[i] is not ('\t' or '\n' or '\r' or '\u0085'))
            {
                var line = text.AsSpan(0, i).Count('\n') + 1;
                throw new InvalidDataException(
                    string.Create(CultureInfo.InvariantCulture, $"line {line}: {Excerpt.CharacterAt(text, i)} has no place in YAML"));
            }
        }
    }

    private static string At(Mark mark) => string.Create(CultureInfo.InvariantCulture, $"line {mark.Line}, column {mark.Column}");

    private ModelValue ReadDocument()
    {
        while (_parser.MoveNext() && _parser.Current is StreamStart or DocumentStart)
        {
        }

        if (_parser.Current is null or StreamEnd or DocumentEnd)
        {
            return ModelValue.Null;
        }

        var value = ReadValue(0);
        while (_parser.MoveNext())
        {
            if (_parser.Current is DocumentStart)
            {
                throw Fault("a second document begins");
            }
        }

        return value;
    }

    /// <summary>Reads the value that begins at the current event, and ends on its last event.</summary>
    private ModelValue ReadValue(int depth)
    {
        if (depth > ModelValue.MaxDepth)
        {
            throw Fault($"values are nested more than {ModelValue.MaxDepth} levels deep");
        }

        if (++_count > MaxValues)
        {
            throw Fault($"there are more than {MaxValues} values");
        }

        if (_parser.Current is AnchorAlias alias)
        {
            return !_anchors.TryGetValue(alias.Value.Value, out var known)
                ? throw Fault($"the alias {Excerpt.Of(alias.Value.Value)} names nothing")
                : known ?? throw Fault($"the alias {Excerpt.Of(alias.Value.Value)} stands in the value that it names");
        }

        if (_parser.Current is not NodeEvent node)
        {
            throw Fault($"a value was expected, not {_parser.Current?.GetType().Name ?? "the end"}");
        }

        if (!node.Anchor.IsEmpty)
        {
            _anchors[node.Anchor.Value] = null;
        }

        var value = node switch
        {
            Scalar scalar => ReadScalar(scalar),
            SequenceStart => ReadList(TagOf(node, "seq"), depth),
            _ => ReadMap(TagOf(node, "map"), depth),
        };
        if (!node.Anchor.IsEmpty)
        {
            _anchors[node.Anchor.Value] = value;
        }

        return value;
    }

    private ModelValue ReadList(string tag, int depth)
    {
        if (tag != "seq")
        {
            throw ForeignTag(tag);
        }

        var items = new List<ModelValue>();
        while (_parser.MoveNext() && _parser.Current is not SequenceEnd)
        {
            items.Add(ReadValue(depth + 1));
        }

        return ModelValue.List(items);
    }

    private ModelValue ReadMap(string tag, int depth)
    {
        if (tag != "map")
        {
            throw ForeignTag(tag);
        }

        var entries = new List<KeyValuePair<ModelValue, ModelValue>>();
        var keys = new HashSet<ModelValue>();
        while (_parser.MoveNext() && _parser.Current is not MappingEnd)
        {
            if (_parser.Current is not (Scalar or AnchorAlias)
                || ReadValue(depth) is not { Kind: not (ModelValueKind.List or ModelValueKind.Map) } key)
            {
                throw Fault("a key is a list or a map");
            }

            if (!keys.Add(key))
            {
                throw Fault($"the key {Excerpt.Of(key.ToString())} comes twice in one map");
            }

            _parser.MoveNext();
            entries.Add(KeyValuePair.Create(key, ReadValue(depth + 1)));
        }

        return ModelValue.OfEntries([.. entries]);
    }

    private ModelValue ReadScalar(Scalar scalar)
    {
        if (CodePoints.IndexOfLoneSurrogate(scalar.Value) >= 0)
        {
            throw Fault($"{Excerpt.Of(scalar.Value)} is not valid Unicode");
        }

        var isPlain = scalar.Style == ScalarStyle.Plain && (scalar.Tag.IsEmpty || scalar.Tag.Value == "?");
        if (isPlain)
        {
            return YamlScalars.Resolve(scalar.Value) ?? throw Fault("the merge key << is not accepted");
        }

        return TagOf(scalar, "str") switch
        {
            "str" => ModelValue.Of(scalar.Value),
            "null" => ModelValue.Null,
            "float" => YamlScalars.TryParseNumber(scalar.Value) is { } number
                ? ModelValue.Of(number)
                : throw Fault($"{Excerpt.Of(scalar.Value)} is no number"),
            "int" => Expect(scalar, ModelValueKind.Integer),
            "bool" => Expect(scalar, ModelValueKind.Boolean),
            "timestamp" => Expect(scalar, ModelValueKind.Timestamp),
            var tag => throw ForeignTag(tag),
        };
    }

    private ModelValue Expect(Scalar scalar, ModelValueKind kind)
        => YamlScalars.Resolve(scalar.Value) is { } value && value.Kind == kind
            ? value
            : throw Fault($"{Excerpt.Of(scalar.Value)} is tagged as something else than it is");

    /// <summary>The short name of one of YAML's own tags, else the whole tag.</summary>
    private static string TagOf(NodeEvent node, string none)
    {
        const string Own = "tag:yaml.org,2002:";
        if (node.Tag.IsEmpty || node.Tag.Value is "!" or "?")
        {
            return none;
        }

        return node.Tag.Value.StartsWith(Own, StringComparison.Ordinal) ? node.Tag.Value[Own.Length..] : node.Tag.Value;
    }

    private InvalidDataException ForeignTag(string tag)
        => Fault($"the tag {Excerpt.Of(tag)} is not accepted: a manifest holds plain values only, and nothing in it is ever executed");

    private InvalidDataException Fault(string fault, Exception? cause = null) => new($"{At(_parser.Current?.Start ?? default)}: {fault}", cause);
}
