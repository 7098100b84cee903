namespace ModelTrack.Client;

/// <summary>A kind of picture that MLflow's UI shows.</summary>
internal enum ImageFormat
{
    Unknown,
    Png,
    Jpeg,
    WebP,
}
