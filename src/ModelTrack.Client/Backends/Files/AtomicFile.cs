namespace ModelTrack.Client.Backends.Files;

/// <summary>Writes a file whole or not at all: beside its place, then by a rename over it.</summary>
internal static class AtomicFile
{
    /// <param name="target">The file; replaced when it is there.</param>
    /// <param name="content">Its new content.</param>
    /// <param name="tempFolder">
    /// A folder of the same volume for the temporary file. Never <c>params</c>, <c>tags</c> or <c>metrics</c>, where MLflow reads
    /// every file.
    /// </param>
    public static void Replace(string target, ReadOnlySpan<byte> content, string tempFolder)
    {
        var temp = NewTempPath(tempFolder);
        try
        {
            using (var handle = File.OpenHandle(temp, FileMode.CreateNew, FileAccess.Write))
            {
                RandomAccess.Write(handle, content, 0);
            }

            File.Move(temp, target, overwrite: true);
        }
        catch
        {
            TryDelete(temp);
            throw;
        }
    }

    public static string NewTempPath(string folder) => $"{folder}/{FileLayout.TempPrefix}{Guid.NewGuid():N}";

    public static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A temporary file that stays is ugly and harms nobody; the error that brought us here matters more.
        }
    }
}
