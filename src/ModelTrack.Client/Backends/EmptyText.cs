namespace ModelTrack.Client.Backends;

/// <summary>Servers send what is not set as an empty text or not at all; here both are null.</summary>
internal static class EmptyText
{
    public static string? OrNull(this string? text) => string.IsNullOrEmpty(text) ? null : text;
}
