using System.Globalization;

namespace ModelTrack.Client.Backends.Files;

/// <summary>
/// The content of a <c>meta.yaml</c>: one mapping. What we do not know stays in it, so that a rewrite loses nothing of what another
/// version of MLflow put there.
/// </summary>
internal sealed class MetaYaml
{
    private readonly Dictionary<string, YamlNode> _entries;

    public MetaYaml()
        : this([])
    {
    }

    internal MetaYaml(Dictionary<string, YamlNode> entries) => _entries = entries;

    public IReadOnlyDictionary<string, YamlNode> Entries => _entries;

    /// <exception cref="InvalidDataException">It is empty, or no YAML mapping.</exception>
    public static MetaYaml Parse(ReadOnlySpan<byte> utf8)
    {
        if (utf8.StartsWith("\uFEFF"u8))
        {
            utf8 = utf8[3..];
        }

        if (MetaYamlFastParser.TryParse(utf8, out var entries))
        {
            return new MetaYaml(entries);
        }

        try
        {
            return new MetaYaml(MetaYamlParser.Parse(utf8));
        }
        catch (Exception e) when (YamlFaults.IsParsers(e))
        {
            throw new InvalidDataException($"It is not the YAML that was expected: {e.Message}", e);
        }
    }

    /// <summary>The text of a scalar; null when it is absent or null.</summary>
    public string? GetText(string key)
        => _entries.GetValueOrDefault(key) is YamlScalar { IsNull: false } scalar ? scalar.Text : null;

    /// <exception cref="InvalidDataException">It is absent or null.</exception>
    public string GetRequiredText(string key)
        => GetText(key) ?? throw new InvalidDataException($"It has no '{key}'.");

    /// <exception cref="InvalidDataException">It is there, and no integer.</exception>
    public long? GetInteger(string key)
    {
        var text = GetText(key);
        return text is null ? null
            : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number
            : throw new InvalidDataException($"Its '{key}' is '{text}', not an integer.");
    }

    /// <exception cref="InvalidDataException">It is there, and no time in milliseconds.</exception>
    public DateTimeOffset? GetTime(string key)
    {
        try
        {
            return GetInteger(key) is { } milliseconds ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : null;
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw new InvalidDataException($"Its '{key}' is not a time.", e);
        }
    }

    /// <summary>The strings of a mapping; none when it is absent.</summary>
    public Dictionary<string, string> GetMap(string key)
    {
        var map = new Dictionary<string, string>();
        if (_entries.GetValueOrDefault(key) is YamlMapping mapping)
        {
            foreach (var (name, value) in mapping.Entries)
            {
                map[name] = (value as YamlScalar)?.Text ?? "";
            }
        }

        return map;
    }

    public void Set(string key, string value) => _entries[key] = new YamlScalar(value, isPlain: false);

    public void Set(string key, long? value)
        => _entries[key] = new YamlScalar(value?.ToString(CultureInfo.InvariantCulture) ?? "null", isPlain: true);

    public void Set(string key, YamlNode value) => _entries[key] = value;

    public void Remove(string key) => _entries.Remove(key);

    public byte[] ToUtf8() => MetaYamlWriter.Write(_entries);
}
