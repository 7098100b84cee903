namespace ModelTrack.Client;

/// <summary>Others' words within a message of ours, so that the next sentence does not run into them.</summary>
internal static class Sentence
{
    /// <summary>The text with a full stop at its end, if it has nothing of the kind.</summary>
    public static string Of(string text)
    {
        var words = text.TrimEnd();
        return words.Length == 0 || words[^1] is '.' or '!' or '?' or '…' ? words : words + ".";
    }
}
