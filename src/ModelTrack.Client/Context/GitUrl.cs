namespace ModelTrack.Client;

/// <summary>Removes secrets from the URL of a git remote: people keep tokens in it.</summary>
internal static class GitUrl
{
    public static string WithoutUserInfo(string url)
    {
        var scheme = url.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0)
        {
            // git@host:path. The account is no secret and MLflow's UI makes its link only with it; a password is none that git knows.
            var at = url.IndexOf('@');
            var colon = url.IndexOf(':');
            return at >= 0 && colon >= 0 && colon < at ? url[(url.LastIndexOf('@') + 1)..] : url;
        }

        var start = scheme + 3;
        var authorityEnd = url.AsSpan(start).IndexOfAny("/?#") is >= 0 and var length ? start + length : url.Length;
        var lastAt = url.LastIndexOf('@', authorityEnd - 1, authorityEnd - start);
        var user = lastAt < 0 ? "" : url[start..lastAt];
        var rest = lastAt < 0 ? url[start..] : url[(lastAt + 1)..];
        if (url.StartsWith("ssh://", StringComparison.OrdinalIgnoreCase))
        {
            return lastAt < 0 ? url : $"{url[..start]}{user.Split(':')[0]}@{rest}";
        }

        // Some servers take tokens in the query.
        var query = rest.AsSpan().IndexOfAny('?', '#');
        return url[..start] + (query < 0 ? rest : rest[..query]);
    }
}
