namespace ModelTrack.Client;

/// <summary>What may stand in a header. Checked before, because .NET's own error would quote the text.</summary>
internal static class HeaderText
{
    /// <summary>Visible ASCII, at least one character of it.</summary>
    public static bool IsVisible(string? text) => !string.IsNullOrEmpty(text) && text.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0;
}
