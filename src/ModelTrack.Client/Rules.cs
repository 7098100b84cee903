using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace ModelTrack.Client;

/// <summary>
/// MLflow's rules for keys, values and names (<c>mlflow/utils/validation.py</c>), checked at the call that brings them, because servers
/// accept some wrong requests and store half of them. Lengths count Unicode code points, as Python does.
/// Every failure is an <see cref="ArgumentException"/> with the rule and the offending value. What is too long is refused, never cut,
/// though a server of default settings would cut it silently.
/// </summary>
internal static class Rules
{
    public const int MaxKeyLength = 250;
    public const int MaxParamValueLength = 6000;
    public const int MaxTagValueLength = 8000;
    public const int MaxExperimentTagValueLength = 5000;
    public const int MaxExperimentNameLength = 500;

    /// <summary>The column's width in MLflow's databases; nothing before the database checks it.</summary>
    public const int MaxRunNameLength = 250;

    public const int MaxDatasetNameLength = 500;
    public const int MaxDatasetDigestLength = 36;
    public const int MaxDatasetSourceLength = 65_535;
    public const int MaxDatasetSchemaLength = 1_048_575;
    public const int MaxDatasetProfileLength = 16_777_215;
    public const int MaxInputTagKeyLength = 255;
    public const int MaxInputTagValueLength = 500;

    /// <summary>The column's width in MLflow's databases; nothing before the database checks it.</summary>
    public const int MaxDatasetSourceTypeLength = 36;

    /// <summary>What an input takes at most in UTF-8, so that it fits into a request of 1 MB, which is what MLflow documents.</summary>
    public const int MaxInputBytes = 950_000;

    /// <summary>The longest name that the usual file systems hold.</summary>
    private const int MaxFileNameBytes = 255;

    private const string AsciiWord = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";
    private const string KeyCharacters = "letters, digits, '_', '-', '.', ' ', ':' and '/'";

    private static readonly SearchValues<char> AllowedInKeys = SearchValues.Create(AsciiWord + "/.- :");
    private static readonly SearchValues<char> AllowedInIds = SearchValues.Create(AsciiWord + "-");

    public static void CheckMetricKey(string key) => CheckKey(key, "metric key", nameof(key));

    public static void CheckParam(string key, string value)
    {
        CheckKey(key, "param key", nameof(key));
        CheckText(value, MaxParamValueLength, "param value", nameof(value));
    }

    public static void CheckTag(string key, string value)
    {
        CheckTagKey(key);
        CheckText(value, MaxTagValueLength, "tag value", nameof(value));
    }

    public static void CheckTagKey(string key) => CheckKey(key, "tag key", nameof(key));

    public static void CheckExperimentTag(string key, string value)
    {
        CheckTagKey(key);
        CheckText(value, MaxExperimentTagValueLength, "value of an experiment's tag", nameof(value));
    }

    public static void CheckExperimentName(string name) => CheckName(name, MaxExperimentNameLength, "experiment name", nameof(name));

    public static void CheckExperimentId(string experimentId) => CheckId(experimentId, 64, "experiment id", nameof(experimentId));

    public static void CheckRunId(string runId) => CheckId(runId, 256, "run id", nameof(runId));

    public static void CheckRunName(string name) => CheckName(name, MaxRunNameLength, "run name", nameof(name));

    /// <summary>A data set and the tags of its use; MLflow takes empty names, which then nobody finds again.</summary>
    public static void CheckDataset(DatasetInput dataset)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        CheckName(dataset.Name, MaxDatasetNameLength, "data set's name", nameof(dataset));
        CheckName(dataset.Digest, MaxDatasetDigestLength, "data set's digest", nameof(dataset));
        CheckName(dataset.SourceType, MaxDatasetSourceTypeLength, "data set's source type", nameof(dataset));
        CheckText(dataset.Source, MaxDatasetSourceLength, "data set's source", nameof(dataset));
        CheckText(dataset.Schema ?? "", MaxDatasetSchemaLength, "data set's schema", nameof(dataset));
        CheckText(dataset.Profile ?? "", MaxDatasetProfileLength, "data set's profile", nameof(dataset));
        foreach (var (key, value) in dataset.Tags)
        {
            CheckName(key, MaxInputTagKeyLength, "key of an input's tag", nameof(dataset));
            CheckText(value, MaxInputTagValueLength, "value of an input's tag", nameof(dataset));
        }
    }

    /// <param name="dataset">A data set.</param>
    /// <param name="bytes">What it takes as JSON.</param>
    public static void CheckInputSize(DatasetInput dataset, int bytes)
    {
        if (bytes > MaxInputBytes)
        {
            throw new ArgumentException(
                $"A data set takes at most {Text(MaxInputBytes)} bytes with its source, schema, profile and tags; "
                + $"{Excerpt.Of(dataset.Name)} takes {Text(bytes)}.",
                nameof(dataset));
        }
    }

    public static void CheckTimestamp(DateTimeOffset timestamp)
    {
        if (timestamp < DateTimeOffset.UnixEpoch)
        {
            throw new ArgumentOutOfRangeException(
                nameof(timestamp), timestamp.ToString("O", CultureInfo.InvariantCulture), "MLflow knows no time before 1970.");
        }
    }

    /// <summary>A key becomes a file's path in a folder of runs; file systems cannot hold all that MLflow allows, Windows still less.</summary>
    public static void CheckFileKey(string key) => CheckFileKey(key, OperatingSystem.IsWindows());

    public static void CheckFileKey(string key, bool onWindows)
    {
        ArgumentNullException.ThrowIfNull(key);
        foreach (var part in key.Split('/'))
        {
            if (System.Text.Encoding.UTF8.GetByteCount(part) is > MaxFileNameBytes and var bytes)
            {
                throw new ArgumentException(
                    $"In a folder of runs each part of a key is a file's name, which has at most {MaxFileNameBytes} bytes; "
                    + $"{Excerpt.Of(part)} has {bytes}.",
                    nameof(key));
            }
        }

        if (onWindows && WindowsNames.FindFault(key) is { } fault)
        {
            throw new ArgumentException($"As a file on Windows the key {Excerpt.Of(key)} is impossible: {fault}.", nameof(key));
        }
    }

    /// <summary>Whether <see cref="CheckKey"/> would let a key of any length pass.</summary>
    internal static bool IsKey(ReadOnlySpan<char> key) => CodePoints.IndexOfForbidden(key, AllowedInKeys) < 0 && IsNormalPath(key);

    private static void CheckKey(string key, string what, string paramName)
    {
        ArgumentNullException.ThrowIfNull(key, paramName);
        // Once for every new key: the ordinary one passes here.
        if (key.Length <= MaxKeyLength && !key.AsSpan().ContainsAnyExcept(AllowedInKeys) && IsNormalPath(key))
        {
            return;
        }

        if (key.Length == 0)
        {
            throw new ArgumentException($"A {what} must not be empty.", paramName);
        }

        CheckCharacters(key, AllowedInKeys, KeyCharacters, what, paramName);
        if (!IsNormalPath(key))
        {
            throw new ArgumentException(
                $"A {what} must be a plain relative path: no '/' at its ends, no empty, '.' or '..' part, no '..' in front. "
                + $"{Excerpt.Of(key)} ({Length(key)}) is none.",
                paramName);
        }

        CheckLength(key, MaxKeyLength, what, paramName);
    }

    /// <summary>Text without a charset of its own: at most <paramref name="maxLength"/> code points that UTF-8 can hold.</summary>
    internal static void CheckText(string value, int maxLength, string what, string paramName)
    {
        ArgumentNullException.ThrowIfNull(value, paramName);
        if (CodePoints.IndexOfLoneSurrogate(value) is >= 0 and var index)
        {
            throw new ArgumentException(
                $"The {what} {Excerpt.Of(value)} ({Length(value)}) is not valid Unicode: {Excerpt.CharacterAt(value, index)} "
                + $"stands alone at index {Text(index)}.",
                paramName);
        }

        CheckLength(value, maxLength, what, paramName);
    }

    internal static void CheckName(string name, int maxLength, string what, string paramName)
    {
        ArgumentNullException.ThrowIfNull(name, paramName);
        if (string.IsNullOrWhiteSpace(name))
        {
            throw new ArgumentException(
                name.Length == 0
                    ? $"The {what} must not be empty."
                    : $"The {what} must not be blank; {Excerpt.Of(name)} has nothing but spaces.",
                paramName);
        }

        CheckText(name, maxLength, what, paramName);
    }

    /// <summary>MLflow's <c>path_not_unique</c> and its companions; a leading <c>..</c> is refused even as the start of a name.</summary>
    internal static bool IsNormalPath(ReadOnlySpan<char> path)
    {
        if (path.StartsWith(".."))
        {
            return false;
        }

        while (path.IndexOf('/') is >= 0 and var slash)
        {
            if (path[..slash] is "" or "." or "..")
            {
                return false;
            }

            path = path[(slash + 1)..];
        }

        return path is not ("" or "." or "..");
    }

    internal static void CheckId(string id, int maxLength, string what, string paramName)
    {
        ArgumentNullException.ThrowIfNull(id, paramName);
        if (id.Length == 0 || !char.IsAsciiLetterOrDigit(id[0]))
        {
            throw new ArgumentException($"A {what} begins with an ASCII letter or digit, unlike {Excerpt.Of(id)}.", paramName);
        }

        CheckCharacters(id, AllowedInIds, "letters, digits, '_' and '-'", what, paramName);
        CheckLength(id, maxLength, what, paramName);
    }

    internal static void CheckCharacters(string text, SearchValues<char> allowed, string allowedText, string what, string paramName)
    {
        if (CodePoints.IndexOfForbidden(text, allowed) is >= 0 and var index)
        {
            throw new ArgumentException(
                $"A {what} holds only {allowedText}, but {Excerpt.Of(text)} ({Length(text)}) has "
                + $"{Excerpt.CharacterAt(text, index)} at index {Text(index)}.",
                paramName);
        }
    }

    private static void CheckLength(string text, int maxLength, string what, string paramName)
    {
        // There are never more code points than UTF-16 units.
        if (text.Length > maxLength && CodePoints.Count(text) > maxLength)
        {
            ThrowTooLong(text, maxLength, what, paramName);
        }
    }

    [DoesNotReturn]
    private static void ThrowTooLong(string text, int maxLength, string what, string paramName)
        => throw new ArgumentException(
            $"A {what} has at most {Text(maxLength)} characters; {Excerpt.Of(text)} has {Text(CodePoints.Count(text))}.", paramName);

    private static string Length(string text) => CodePoints.Count(text) is 1 ? "1 character" : $"{Text(CodePoints.Count(text))} characters";

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
