using System.IO.Enumeration;

namespace ModelTrack.Client.Backends.Files;

/// <summary>The names of the folders in a folder, by one pass that asks the system about no entry.</summary>
internal static class FolderNames
{
    private static readonly EnumerationOptions Everything = new() { AttributesToSkip = 0, IgnoreInaccessible = false };

    public static IEnumerable<string> List(string folder)
        => new FileSystemEnumerable<string>(folder, (ref FileSystemEntry entry) => entry.FileName.ToString(), Everything)
        {
            ShouldIncludePredicate = (ref FileSystemEntry entry) => entry.IsDirectory,
        };
}
