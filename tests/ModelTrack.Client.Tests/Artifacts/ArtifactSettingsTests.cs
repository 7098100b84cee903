namespace ModelTrack.Client.Tests.Artifacts;

internal sealed class ArtifactSettingsTests
{
    [Test]
    public void Without_variables_they_are_MLflows_defaults()
    {
        var settings = Read();

        Assert.That(settings, Is.EqualTo(new ArtifactSettings
        {
            MultipartUpload = false,
            PresignedDownload = false,
            MultipartUploadMinimum = 524_288_000,
            UploadPartSize = 10_485_760,
            DownloadPartSize = 104_857_600,
            ParallelParts = 4,
        }));
        Assert.That(settings, Is.EqualTo(new ArtifactSettings()));
    }

    [Test]
    public void MLflows_variables_are_read()
        => Assert.That(
            Read(
                ("MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD", "True"),
                ("MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD", "1"),
                ("MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE", "7"),
                ("MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE", "6000000"),
                ("MLFLOW_MULTIPART_DOWNLOAD_CHUNK_SIZE", " 8 ")),
            Is.EqualTo(new ArtifactSettings
            {
                MultipartUpload = true,
                PresignedDownload = true,
                MultipartUploadMinimum = 7,
                UploadPartSize = 6_000_000,
                DownloadPartSize = 8,
            }));

    [Test]
    public void Parts_are_no_smaller_than_S3_takes_them()
        => Assert.That(Read(("MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE", "1000")).UploadPartSize, Is.EqualTo(5 << 20));

    [TestCase("MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD", "yes")]
    [TestCase("MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD", "2")]
    [TestCase("MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE", "10MB")]
    [TestCase("MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE", "0")]
    [TestCase("MLFLOW_MULTIPART_DOWNLOAD_CHUNK_SIZE", "-1")]
    public void Nonsense_is_named(string name, string value)
        => Assert.That(() => Read((name, value)), Throws.ArgumentException.With.Message.Contains(name).And.Message.Contains(value));

    private static ArtifactSettings Read(params (string Name, string Value)[] variables)
        => ArtifactSettings.From(
            new TrackingEnvironment(name => variables.FirstOrDefault(v => v.Name == name).Value), new TrackerOptions());
}
