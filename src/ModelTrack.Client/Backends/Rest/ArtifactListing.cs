using ModelTrack.Client.Backends.Rest.Wire;

namespace ModelTrack.Client.Backends.Rest;

/// <summary>
/// Makes entries of what a server lists. They are not checked: one that is harmful must not keep anybody from its neighbours, so that
/// who writes or shows a path checks it (<see cref="ArtifactPath.FindListingFault"/>).
/// </summary>
internal static class ArtifactListing
{
    /// <param name="files">What the server lists; null is nothing.</param>
    /// <param name="folder">The folder that was asked for.</param>
    /// <param name="pathOf">The path of an entry from its listed name.</param>
    /// <returns>The entries, sorted by path.</returns>
    public static List<ArtifactInfo> Read(IReadOnlyList<WireFile>? files, string folder, Func<string, string> pathOf)
    {
        var entries = new List<ArtifactInfo>(files?.Count ?? 0);
        foreach (var file in files ?? [])
        {
            var path = pathOf(file.Path ?? "");
            if (path != folder) // Object stores know folders as empty objects, and some list them in themselves.
            {
                // MLflow leaves the size of an empty file out.
                entries.Add(new ArtifactInfo(path, file.IsDir, file.IsDir ? null : Math.Max(0, file.FileSize ?? 0)));
            }
        }

        entries.Sort((a, b) => string.CompareOrdinal(a.Path, b.Path));
        return entries;
    }
}
