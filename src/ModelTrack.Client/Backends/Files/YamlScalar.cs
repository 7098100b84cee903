namespace ModelTrack.Client.Backends.Files;

/// <summary>
/// A scalar as its raw text. Nothing is made of it when it is read: the run id <c>12e45…</c> is a number to a YAML parser
/// and an id to us, so whoever asks says what it should be.
/// </summary>
internal sealed class YamlScalar(string text, bool isPlain) : YamlNode
{
    public string Text { get; } = text;

    /// <summary>Whether it stood there without quotes, so that it may be something other than a string.</summary>
    public bool IsPlain { get; } = isPlain;

    public bool IsNull => IsPlain && Text is ("null" or "~" or "" or "Null" or "NULL");
}
