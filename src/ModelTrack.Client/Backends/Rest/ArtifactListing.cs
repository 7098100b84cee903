using ModelTrack.Client.Backends.Rest.Wire;

namespace ModelTrack.Client.Backends.Rest;

/// <summary>Makes entries of what a server lists; what could lead elsewhere is not passed on.</summary>
internal static class ArtifactListing
{
    /// <param name="files">What the server lists; null is nothing.</param>
    /// <param name="folder">The folder that was asked for.</param>
    /// <param name="pathOf">The path of an entry from its listed name.</param>
    /// <returns>The entries, sorted by path.</returns>
    /// <exception cref="ModelTrackException">An entry's path is harmful, or not in the folder.</exception>
    public static List<ArtifactInfo> Check(IReadOnlyList<WireFile>? files, string folder, Func<string, string> pathOf)
    {
        var entries = new List<ArtifactInfo>(files?.Count ?? 0);
        foreach (var file in files ?? [])
        {
            var path = file.Path is null ? null : pathOf(file.Path);
            if (path == folder)
            {
                continue; // Object stores know folders as empty objects, and some list them in themselves.
            }

            if (ArtifactPath.FindListingFault(path, folder) is { } fault)
            {
                throw new ModelTrackException(
                    ErrorCode.InvalidParameterValue, $"The server lists the artifact {Excerpt.Of(path)}, which is not accepted: {fault}.");
            }

            // MLflow leaves the size of an empty file out.
            entries.Add(new ArtifactInfo(path!, file.IsDir, file.IsDir ? null : Math.Max(0, file.FileSize ?? 0)));
        }

        entries.Sort((a, b) => string.CompareOrdinal(a.Path, b.Path));
        return entries;
    }
}
