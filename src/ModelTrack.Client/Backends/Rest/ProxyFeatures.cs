namespace ModelTrack.Client.Backends.Rest;

/// <summary>What an artifact service turned out not to offer, so that it is asked once.</summary>
internal sealed class ProxyFeatures
{
    public volatile bool NoMultipartUpload;

    public volatile bool NoPresignedDownload;
}
