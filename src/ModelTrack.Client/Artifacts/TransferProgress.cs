namespace ModelTrack.Client;

/// <summary>
/// How far a transfer of artifact files has come. Files go in parallel, so that reports of different files mix; each file ends with a
/// report in which <see cref="Bytes"/> is its size.
/// </summary>
/// <param name="Path">The artifact file that this report is about.</param>
/// <param name="Bytes">How many bytes of it have been moved. The number falls when something of it had to be moved again.</param>
/// <param name="TotalBytes">Its size in bytes; null when that is not known before its end.</param>
/// <param name="FilesDone">How many files are complete.</param>
/// <param name="FilesTotal">How many files there are.</param>
public sealed record TransferProgress(string Path, long Bytes, long? TotalBytes, int FilesDone, int FilesTotal);
