namespace Quickstart;

/// <summary>Tells where the runs are.</summary>
internal static class Destination
{
    public static string Describe(string trackingUri)
    {
        var isUri = Uri.TryCreate(trackingUri, UriKind.Absolute, out var uri);
        if (isUri && !uri!.IsFile)
        {
            return $"The runs are on {trackingUri}";
        }

        var folder = isUri ? uri!.LocalPath : Path.GetFullPath(trackingUri);
        return $"""
            The runs are in {folder}
            To look at them in MLflow, on http://localhost:5000:
              MLFLOW_ALLOW_FILE_STORE=true mlflow server --backend-store-uri "{folder}" --port 5000
            """;
    }
}
