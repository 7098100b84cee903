namespace ModelTrack.Client.Backends.Files;

/// <summary>The key of a param, metric or tag as a path below its folder. A key is that path: nothing is escaped.</summary>
internal static class FileKey
{
    /// <summary>Whether MLflow takes it for a key. It checks that on reading too, and a stray file stops its search.</summary>
    public static bool IsLegal(ReadOnlySpan<char> key) => Rules.IsKey(key);

    /// <summary>The key's file below <paramref name="folder"/>.</summary>
    /// <exception cref="ModelTrackException">The key has no file: another one could be reached through it.</exception>
    public static string ToPath(string folder, string key)
    {
        if (!IsLegal(key))
        {
            throw new ModelTrackException(ErrorCode.InvalidParameterValue, $"The key '{key}' cannot be stored in a folder.");
        }

        return string.Concat(folder, "/", key);
    }
}
