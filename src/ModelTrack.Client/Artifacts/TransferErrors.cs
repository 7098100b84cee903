using System.Globalization;
using System.Net;

namespace ModelTrack.Client;

/// <summary>Says which file it was that could not be moved, how large it is, and, where a proxy's limit was met, what helps.</summary>
internal static class TransferErrors
{
    public static ModelTrackException Upload(ModelTrackException cause, string path, long size, bool couldBeInParts)
        => Of(cause, $"The artifact {Excerpt.Of(path)} ({Size(size)}) could not be uploaded. {cause.Message}{AdviceFor(cause.StatusCode, couldBeInParts)}");

    public static ModelTrackException Download(ModelTrackException cause, string path)
        => Of(cause, $"The artifact {Excerpt.Of(path)} could not be downloaded. {cause.Message}");

    /// <summary>The same failure with other words.</summary>
    public static ModelTrackException Of(ModelTrackException cause, string message, string? errorCode = null)
        => new(errorCode ?? cause.ErrorCode, message, cause)
        {
            StatusCode = cause.StatusCode,
            IsTransient = cause.IsTransient && errorCode is null,
            MayBeApplied = cause.MayBeApplied,
            RetryAfter = cause.RetryAfter,
        };

    public static string Size(long bytes)
    {
        string[] units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
        var value = (double)bytes;
        var unit = 0;
        for (; value >= 1024 && unit < units.Length - 1; unit++)
        {
            value /= 1024;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{value:0.#} {units[unit]}");
    }

    private static string AdviceFor(HttpStatusCode? status, bool couldBeInParts)
        => couldBeInParts && status is HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.GatewayTimeout
            ? " Where the server keeps artifacts in S3, Azure or Google storage, MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD=true sends large files "
                + "past the proxy."
            : "";
}
