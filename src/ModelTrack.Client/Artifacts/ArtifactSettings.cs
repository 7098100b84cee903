using System.Globalization;

namespace ModelTrack.Client;

/// <summary>How large files are moved through a server: MLflow's variables of these names, with its defaults.</summary>
internal sealed record ArtifactSettings
{
    /// <summary>The smallest part that S3 takes, the last one apart.</summary>
    private const long SmallestPart = 5L << 20;

    /// <summary>Files from <see cref="MultipartUploadMinimum"/> on are sent in parts, straight to the store behind the server.</summary>
    public bool MultipartUpload { get; init; }

    public long MultipartUploadMinimum { get; init; } = 500L << 20;

    public long UploadPartSize { get; init; } = 10L << 20;

    /// <summary>Files are fetched straight from the store behind the server, in parts when they are larger than one.</summary>
    public bool PresignedDownload { get; init; }

    public long DownloadPartSize { get; init; } = 100L << 20;

    /// <summary>How many parts of one file are under way at a time.</summary>
    public int ParallelParts { get; init; } = 4;

    public static ArtifactSettings From(TrackingEnvironment environment, TrackerOptions options) => new()
    {
        MultipartUpload = Flag(environment, "MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD"),
        MultipartUploadMinimum = Bytes(environment, "MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE", 500L << 20),
        UploadPartSize = Math.Max(SmallestPart, Bytes(environment, "MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE", 10L << 20)),
        PresignedDownload = Flag(environment, "MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD"),
        DownloadPartSize = Bytes(environment, "MLFLOW_MULTIPART_DOWNLOAD_CHUNK_SIZE", 100L << 20),
        ParallelParts = options.MaxParallelTransfers,
    };

    private static bool Flag(TrackingEnvironment environment, string name)
    {
        var text = environment.Get(name);
        return text?.Trim().ToUpperInvariant() switch
        {
            null or "FALSE" or "0" => false,
            "TRUE" or "1" => true,
            _ => throw new ArgumentException($"The environment variable {name} must be true, false, 1 or 0, not {Excerpt.Of(text)}."),
        };
    }

    private static long Bytes(TrackingEnvironment environment, string name, long otherwise)
    {
        if (environment.Get(name) is not { } text)
        {
            return otherwise;
        }

        return long.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) && bytes > 0
            ? bytes
            : throw new ArgumentException($"The environment variable {name} must be a number of bytes above zero, not {Excerpt.Of(text)}.");
    }
}
