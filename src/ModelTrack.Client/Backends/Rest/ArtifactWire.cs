using ModelTrack.Client.Backends.Rest.Wire;

namespace ModelTrack.Client.Backends.Rest;

/// <summary>The bodies of the artifact requests and answers, as they are on the wire.</summary>
internal static class ArtifactWire
{
    internal sealed record Listing(List<WireFile>? Files);

    internal sealed record CreateUpload(string Path, int NumParts);

    internal sealed record CreatedUpload(string? UploadId, List<PartTarget>? Credentials);

    /// <param name="Url">Where the part goes: a store that is not the server.</param>
    /// <param name="PartNumber">From 1 on.</param>
    /// <param name="Headers">To be sent with it.</param>
    internal sealed record PartTarget(string? Url, int PartNumber, Dictionary<string, string>? Headers);

    internal sealed record CompleteUpload(string Path, string? UploadId, IReadOnlyList<SentPart> Parts);

    internal sealed record SentPart(int PartNumber, string Etag, string Url);

    internal sealed record AbortUpload(string Path, string? UploadId);

    internal sealed record Presigned(string? Url, Dictionary<string, string>? Headers, long? FileSize);

    internal sealed record Nothing;
}
