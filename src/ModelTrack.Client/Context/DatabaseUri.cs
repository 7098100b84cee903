namespace ModelTrack.Client;

/// <summary>SQLAlchemy's database URLs, which MLflow takes as tracking URIs and we do not.</summary>
internal static class DatabaseUri
{
    /// <summary>Whether it is a scheme that MLflow would open a database for, with or without a driver (<c>mysql+pymysql</c>).</summary>
    public static bool IsDatabase(string scheme)
        => scheme.Split('+')[0] is "sqlite" or "postgresql" or "postgres" or "mysql" or "mariadb" or "mssql" or "oracle";

    /// <summary>The URL with <c>***</c> for its password, to be shown.</summary>
    public static string Mask(string uri)
    {
        var query = uri.IndexOf('?');
        var at = (query < 0 ? uri : uri[..query]).LastIndexOf('@');
        if (query >= 0 && at < 0 && uri.LastIndexOf('@') is >= 0 and var later)
        {
            // A '?' in the password itself, which should have been encoded.
            at = later;
            query = uri.IndexOf('?', later);
        }

        var shown = query < 0 ? uri : uri[..query];
        var start = uri.IndexOf("://", StringComparison.Ordinal);
        if (start >= 0 && at > start && uri.IndexOf(':', start + 3) is >= 0 and var colon && colon < at)
        {
            shown = $"{uri[..(colon + 1)]}***{shown[at..]}";
        }

        // Drivers take passwords in the query too (password=, odbc_connect=...PWD=), in more ways than can be listed.
        return query < 0 ? shown : shown + "?***";
    }
}
