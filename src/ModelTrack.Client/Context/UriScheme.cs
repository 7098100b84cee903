namespace ModelTrack.Client;

/// <summary>What a text that may be a URI or a path begins with.</summary>
internal static class UriScheme
{
    /// <summary>The scheme in lower case; null for a path. One letter is a drive.</summary>
    public static string? Of(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 2 || !char.IsAsciiLetter(text[0]))
        {
            return null;
        }

        foreach (var c in text.AsSpan(0, colon))
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('+' or '-' or '.'))
            {
                return null;
            }
        }

        return text[..colon].ToLowerInvariant();
    }
}
