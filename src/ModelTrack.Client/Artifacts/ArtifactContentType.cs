namespace ModelTrack.Client;

/// <summary>The content type of an artifact by its name, as MLflow's client sends it.</summary>
internal static class ArtifactContentType
{
    public static string Of(string path)
    {
        var name = path[(path.LastIndexOf('/') + 1)..];
        var dot = name.LastIndexOf('.');
#pragma warning disable CA1308 // Extensions are compared in lower case, as they are written.
        return name[(dot + 1)..].ToLowerInvariant() switch
#pragma warning restore CA1308
        {
            "txt" or "log" or "err" or "cfg" or "conf" or "cnf" or "cf" or "ini" or "properties" or "prop" or "hocon" or "toml" or "yaml"
                or "yml" or "xml" or "json" or "js" or "py" or "py3" or "csv" or "tsv" or "md" or "rst" or "mlmodel" or "mlproject" => "text/plain",
            "html" or "htm" => "text/html",
            "css" => "text/css",
            "png" => "image/png",
            "jpg" or "jpeg" => "image/jpeg",
            "gif" => "image/gif",
            "svg" => "image/svg+xml",
            "webp" => "image/webp",
            "pdf" => "application/pdf",
            "zip" => "application/zip",
            _ => "application/octet-stream",
        };
    }
}
