using System.Globalization;

namespace ModelTrack.Client;

/// <summary>
/// A <c>models:/</c> URI, taken apart: <c>models:/name/3</c>, <c>models:/name/latest</c>, <c>models:/name/Production</c>,
/// <c>models:/name@alias</c>, <c>models:/m-…</c>. As in MLflow nothing in it is percent-decoded.
/// </summary>
internal sealed record ModelsUri
{
    public const string Scheme = "models";

    private const string Forms
        = "models:/name/3, models:/name/latest, models:/name/Production, models:/name@alias and models:/m-… (a logged model)";

    private ModelsUri()
    {
    }

    /// <summary>The registered model's name; empty for a logged model.</summary>
    public string Name { get; private init; } = "";

    /// <summary>The id of a logged model, else null.</summary>
    public string? ModelId { get; private init; }

    public int? Version { get; private init; }

    public string? Alias { get; private init; }

    /// <summary>The stage whose latest version is meant. Null with none of the others: the latest version of all.</summary>
    public ModelStage? Stage { get; private init; }

    /// <exception cref="ArgumentException">It is none.</exception>
    public static ModelsUri Parse(string uri)
    {
        var parts = uri.StartsWith("models:/", StringComparison.OrdinalIgnoreCase) ? uri["models:/".Length..].Split('/') : [];
        return parts switch
        {
            [var name, var suffix] when name.Trim().Length > 0 && suffix.Trim().Length > 0 => OfVersion(name, suffix, uri),
            [var one] when one.LastIndexOf('@') is > 0 and var at && at < one.Length - 1
                => new ModelsUri { Name = one[..at], Alias = one[(at + 1)..] },
            [var id] when id.StartsWith("m-", StringComparison.Ordinal) && !id.Contains('@', StringComparison.Ordinal)
                => new ModelsUri { ModelId = id },
            _ => throw Malformed(uri),
        };
    }

    /// <summary>As <see cref="Parse(string)"/>, with a path inside the model behind it: <c>models:/name/3/sub/file</c>.</summary>
    /// <param name="uri">The URI.</param>
    /// <param name="path">The path with <c>/</c>; empty for the whole model.</param>
    /// <exception cref="ArgumentException">It is none, or the path could lead out of the model.</exception>
    public static ModelsUri Parse(string uri, out string path)
    {
        var trimmed = uri.TrimEnd('/');
        var segments = trimmed.StartsWith("models:/", StringComparison.OrdinalIgnoreCase) ? trimmed["models:/".Length..].Split('/') : [];
        var own = segments is [var first, ..] && (first.Contains('@', StringComparison.Ordinal) || IsModelIdAlone(segments)) ? 1 : 2;
        if (segments.Length <= own)
        {
            path = "";
            return Parse(trimmed);
        }

        path = ArtifactPath.NormalizeForReading(string.Join('/', segments[own..]));
        return Parse("models:/" + string.Join('/', segments[..own]));
    }

    // A registered model's name may begin with m- as well; then a version or a stage follows.
    private static bool IsModelIdAlone(string[] segments)
        => segments[0].StartsWith("m-", StringComparison.Ordinal)
            && (segments.Length == 1 || !(segments[1].All(char.IsAsciiDigit)
                || segments[1].Equals("latest", StringComparison.OrdinalIgnoreCase)
                || Enum.TryParse<ModelStage>(segments[1], ignoreCase: true, out _)));

    private static ModelsUri OfVersion(string name, string suffix, string uri)
    {
        if (suffix.All(char.IsAsciiDigit))
        {
            return int.TryParse(suffix, NumberStyles.None, CultureInfo.InvariantCulture, out var version) && version > 0
                ? new ModelsUri { Name = name, Version = version }
                : throw Malformed(uri);
        }

        if (suffix.Equals("latest", StringComparison.OrdinalIgnoreCase))
        {
            return new ModelsUri { Name = name };
        }

        return Enum.TryParse<ModelStage>(suffix, ignoreCase: true, out var stage)
            ? new ModelsUri { Name = name, Stage = stage }
            : throw Malformed(uri);
    }

    private static ArgumentException Malformed(string uri)
        => new($"{Excerpt.Of(uri)} does not name a model. The forms are {Forms}.", nameof(uri));
}
