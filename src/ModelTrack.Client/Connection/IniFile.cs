using System.Text;

namespace ModelTrack.Client;

/// <summary>
/// An INI file as Python's configparser reads it: keys in lower case, <c>=</c> or <c>:</c> between key and value, lines that begin with
/// <c>#</c> or <c>;</c> are comments, comments after a value belong to it, deeper lines go on with the value. Errors name file and line,
/// and show nothing of what stands there.
/// </summary>
internal sealed class IniFile
{
    /// <summary>Holds what all sections share.</summary>
    public const string DefaultSection = "DEFAULT";

    /// <summary>Of a value with others in it. Far more than any name or password has.</summary>
    private const int MaxLength = 1 << 16;

    private readonly string _path;
    private readonly Dictionary<string, Dictionary<string, string>> _sections = [];

    private IniFile(string path) => _path = path;

    /// <summary>Reads a file.</summary>
    /// <exception cref="ArgumentException">It breaks the format's rules.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static IniFile Read(string path) => Parse(File.ReadAllText(path), path);

    /// <summary>Takes a text apart.</summary>
    /// <param name="text">The text.</param>
    /// <param name="path">Where it is from, for messages.</param>
    /// <exception cref="ArgumentException">It breaks the format's rules.</exception>
    public static IniFile Parse(string text, string path)
    {
        var file = new IniFile(path);
        Dictionary<string, string>? section = null;
        string? key = null;
        StringBuilder? more = null;
        var keyIndent = 0;
        var emptyLines = 0;
        var number = 0;
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            number++;
            var content = line.Trim();
            if (content.IsEmpty)
            {
                emptyLines++;
                continue;
            }

            if (content[0] is '#' or ';')
            {
                continue;
            }

            var indent = line.Length - line.TrimStart().Length;
            if (key is not null && indent > keyIndent)
            {
                // All of a long value at once: one line after the other would copy it over and over.
                more ??= new StringBuilder(section![key]);
                more.Append('\n', emptyLines + 1).Append(content);
            }
            else if (content[0] == '[' && content.LastIndexOf(']') is > 1 and var end)
            {
                Finish();
                section = file.AddSection(content[1..end].ToString(), number);
                key = null;
            }
            else
            {
                Finish();
                keyIndent = indent;
                key = file.AddKey(section, content, number);
            }

            emptyLines = 0;
        }

        Finish();
        return file;

        void Finish()
        {
            if (more is not null)
            {
                section![key!] = more.ToString();
                more = null;
            }
        }
    }

    public bool HasSection(string section) => _sections.ContainsKey(section);

    /// <summary>A value as it stands there; null when the section has none.</summary>
    public string? GetRaw(string section, string key)
        => _sections.TryGetValue(section, out var values) && values.TryGetValue(key, out var value) ? value : null;

    /// <summary>
    /// A value of a section or else of <c>DEFAULT</c>, in which <c>%(key)s</c> stands for another value and <c>%%</c> for a percent sign;
    /// null when there is none.
    /// </summary>
    /// <exception cref="ArgumentException">It has another percent sign.</exception>
    public string? GetInterpolated(string section, string key)
        => (GetRaw(section, key) ?? GetRaw(DefaultSection, key)) is { } value ? Interpolate(section, key, value, depth: 1) : null;

    private Dictionary<string, string> AddSection(string name, int line)
    {
        var section = new Dictionary<string, string>();
        if (_sections.TryAdd(name, section))
        {
            return section;
        }

        return name == DefaultSection ? _sections[name] : throw Wrong(line, "the section is there already");
    }

    private string AddKey(Dictionary<string, string>? section, ReadOnlySpan<char> content, int line)
    {
        if (section is null)
        {
            throw Wrong(line, "a [section] must come first");
        }

        var delimiter = content.IndexOfAny('=', ':');
        if (delimiter <= 0)
        {
            throw Wrong(line, "a line must be key = value");
        }

        var key = content[..delimiter].TrimEnd().ToString().ToLowerInvariant();
        return section.TryAdd(key, content[(delimiter + 1)..].TrimStart().ToString()) ? key : throw Wrong(line, "the key is there already");
    }

    private string Interpolate(string section, string key, string value, int depth)
    {
        const int DeepestReference = 10;
        var result = new StringBuilder(value.Length);
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] != '%')
            {
                result.Append(value[i]);
                continue;
            }

            var rest = value.AsSpan(i + 1);
            if (rest.StartsWith("%"))
            {
                result.Append('%');
                i++;
                continue;
            }

            var end = rest.StartsWith("(") ? rest.IndexOf(")s") : -1;
            var other = end > 0 ? rest[1..end].ToString().ToLowerInvariant() : null;
            if (other is null || depth > DeepestReference || (GetRaw(section, other) ?? GetRaw(DefaultSection, other)) is not { } found)
            {
                throw new ArgumentException(
                    $"The file {Excerpt.Of(_path)} has a percent sign in {key} of [{section}] that does not begin the name of another value. "
                    + "Write %% for a percent sign.");
            }

            result.Append(Interpolate(section, key, found, depth + 1));
            i += end + 2;
            if (result.Length > MaxLength)
            {
                // Ten values, each of which names the next ten times, are more than a memory holds.
                throw new ArgumentException($"The value of {key} in [{section}] of the file {Excerpt.Of(_path)} is longer than {MaxLength} characters.");
            }
        }

        return result.ToString();
    }

    private ArgumentException Wrong(int line, string rule) => new($"The file {Excerpt.Of(_path)} is wrong in line {line}: {rule}.");
}
