namespace ModelTrack.Client;

/// <summary>The name and password that a URI holds before its host. Not a record: nothing prints it.</summary>
internal sealed class UserInfo
{
    private UserInfo(string? name, string? password)
    {
        Name = name;
        Password = password;
    }

    /// <summary>Decoded; null when there is none.</summary>
    public string? Name { get; }

    /// <summary>Decoded; null when there is none.</summary>
    public string? Password { get; }

    /// <summary>That of a URI; null when it has none.</summary>
    public static UserInfo? Of(Uri uri)
    {
        if (uri.UserInfo.Length == 0)
        {
            return null;
        }

        var colon = uri.UserInfo.IndexOf(':', StringComparison.Ordinal);
        return colon < 0
            ? new UserInfo(Decode(uri.UserInfo), null)
            : new UserInfo(Decode(uri.UserInfo[..colon]), Decode(uri.UserInfo[(colon + 1)..]));
    }

    private static string? Decode(string text) => text.Length == 0 ? null : Uri.UnescapeDataString(text);
}
