using System.Text.Json;
using ModelTrack.Client.Fakes.Wire;

namespace ModelTrack.Client.Fakes.Routes;

/// <summary>Artifacts: the proxy, and the lists and downloads of runs.</summary>
internal static class ArtifactRoutes
{
    private static readonly HashSet<string> TextExtensions = new(StringComparer.Ordinal)
    {
        "txt", "log", "err", "cfg", "conf", "cnf", "cf", "ini", "properties", "prop", "hocon", "toml", "yaml", "yml", "xml", "json", "js",
        "py", "py3", "csv", "tsv", "md", "rst", "MLmodel", "MLproject",
    };

    private static readonly Dictionary<string, string> MimeTypes = new(StringComparer.OrdinalIgnoreCase)
    {
        ["png"] = "image/png",
        ["jpg"] = "image/jpeg",
        ["svg"] = "image/svg+xml",
        ["html"] = "text/html",
        ["pdf"] = "application/pdf",
        ["zip"] = "application/zip",
    };

    private static readonly MessageType ListOfRun = new(
        Field.Text("run_id", Check.Text, Check.Required),
        Field.Text("run_uuid"),
        Field.Text("path", Check.Text),
        Field.Text("page_token", Check.Text));

    private static readonly MessageType ListOfProxy = new(Field.Text("path"));

    private static readonly MessageType Presign = new(
        Field.Text("run_id", Check.Required, Check.Text),
        Field.Text("path", Check.Required, Check.Text),
        Field.Integer("expiration", Check.Integer));

    public static void AddTo(Router router)
    {
        router.Api("GET", "/artifacts/list", OnListOfRun);
        router.Api("POST", "/artifacts/presigned-upload-url", OnPresignUpload, since: "3.11.2");
        router.Add("GET", "/get-artifact", OnDownloadOfRun);
        Proxy("GET", "/artifacts", OnList);
        Proxy("GET", "/artifacts/{*path}", OnDownload);
        Proxy("PUT", "/artifacts/{*path}", OnUpload);
        Proxy("DELETE", "/artifacts/{*path}", OnDelete);

        void Proxy(string method, string path, Func<Call, FakeAnswer> handle)
            => router.Api(method, path, call => OnlyWhenServing(call, "/api/2.0/mlflow-artifacts" + path, handle), root: "2.0/mlflow-artifacts");
    }

    public static FakeAnswer OnlyWhenServing(Call call, string route, Func<Call, FakeAnswer> handle)
        => call.Options.ServeArtifacts ? handle(call) : FakeAnswer.Text(
            503,
            $"Endpoint: {route.Replace("{*path}", "<path:artifact_path>", StringComparison.Ordinal)} disabled due to the mlflow server running"
                + " with `--no-serve-artifacts`. To enable artifacts server functionality, run `mlflow server` with `--serve-artifacts`");

    /// <summary>Writes the files below an artifact location, with paths relative to it.</summary>
    public static void WriteFiles(Utf8JsonWriter json, Call call, string root, string? path)
    {
        var prefix = string.IsNullOrEmpty(path) ? "" : path.TrimEnd('/') + "/";
        WriteFiles(json, ListAt(call, root, path).Select(file => file with { Name = prefix + file.Name }));
    }

    /// <summary>Answers with a file below an artifact location.</summary>
    public static FakeAnswer Download(Call call, string root, string path)
    {
        if (ArtifactPaths.IsProxied(call, root))
        {
            return Download(call, ArtifactPaths.Join(ArtifactPaths.ToProxyPath(root), path));
        }

        var file = Path.Combine(LocalFolder(root), path);
        return File.Exists(file)
            ? AnswerFile(call, file, File.ReadAllBytes(file))
            : throw FakeException.NotFound($"No such artifact: '{path}'");
    }

    private static FakeAnswer OnListOfRun(Call call)
    {
        var request = call.Read(ListOfRun);
        var path = request.Has("path") ? ArtifactPaths.Check(request.Text("path")) : null;
        var run = RunRoutes.Find(call, RunRoutes.IdOf(request));
        return Json.Answer(json =>
        {
            json.WriteString("root_uri", run.ArtifactUri);
            WriteFiles(json, call, run.ArtifactUri, path);
        });
    }

    private static FakeAnswer OnDownloadOfRun(Call call)
    {
        var path = ArtifactPaths.Check(call.QueryValue("path") ?? throw new ServerCrashException("No path."));
        var run = RunRoutes.Find(call, call.QueryValue("run_id") ?? call.QueryValue("run_uuid") ?? "");
        return Download(call, run.ArtifactUri, path);
    }

    private static FakeAnswer OnPresignUpload(Call call)
    {
        var request = call.Read(Presign);
        ArtifactPaths.Check(request.Text("path"));
        var scheme = ArtifactPaths.Scheme(RunRoutes.Find(call, request.Text("run_id")).ArtifactUri);
        throw scheme is "http" or "https" or "mlflow-artifacts"
            ? FakeException.Invalid(
                $"Presigned upload is not supported for runs with proxied artifact storage (artifact URI scheme: {scheme}). This endpoint"
                + " requires a run with a direct cloud storage artifact URI.")
            : new FakeException("NOT_IMPLEMENTED", "Presigned upload is not supported for the current artifact repository");
    }

    private static FakeAnswer OnList(Call call)
    {
        var request = call.Read(ListOfProxy);
        var path = request.Has("path") ? ArtifactPaths.Check(request.Text("path")) : "";
        return Json.Answer(json => WriteFiles(json, List(call, path)));
    }

    private static FakeAnswer OnDownload(Call call) => Download(call, ArtifactPaths.Check(call.Route["path"]));

    private static FakeAnswer OnUpload(Call call)
    {
        var path = ArtifactPaths.Check(call.Route["path"]).TrimEnd('/');
        if (IsFolder(call, path) || Parents(path).Any(call.State.ArtifactStore.ContainsKey))
        {
            throw new ServerCrashException("A folder is no file, and a file no folder.");
        }

        call.State.ArtifactStore[path] = call.Body.ToArray();
        return Json.Empty;
    }

    private static FakeAnswer OnDelete(Call call)
    {
        var path = ArtifactPaths.Check(call.Route["path"]).TrimEnd('/');
        var below = call.State.ArtifactStore.Keys.Where(key => key == path || key.StartsWith(path + "/", StringComparison.Ordinal)).ToList();
        below.ForEach(key => call.State.ArtifactStore.Remove(key));
        return Json.Empty;
    }

    private static FakeAnswer Download(Call call, string path)
    {
        if (IsFolder(call, path))
        {
            throw new ServerCrashException("A folder cannot be opened as a file.");
        }

        if (call.State.ArtifactStore.TryGetValue(path, out var content))
        {
            return AnswerFile(call, path, content);
        }

        if (call.Objects is not null)
        {
            throw FakeException.Internal(
                $"The following failures occurred while downloading one or more artifacts from s3://bkt/root:\n##### File {path} #####\n"
                + "An error occurred (404) when calling the HeadObject operation: Not Found");
        }

        var message = "The following failures occurred while downloading one or more artifacts from /srv/mlartifacts:\n"
            + $"##### File {path} #####\nNo such artifact: '{path}'";
        throw call.Version.AtLeast(3, 0) ? FakeException.NotFound(message) : FakeException.Internal(message);
    }

    private static FakeAnswer AnswerFile(Call call, string path, byte[] content)
    {
        var name = path[(path.LastIndexOf('/') + 1)..];
        if (name.Any(c => c > '~') && !call.Options.DownloadsNonAsciiNames)
        {
            return FakeAnswer.Text(500, "Internal Server Error", "text/plain; charset=utf-8");
        }

        var extension = name[(name.LastIndexOf('.') + 1)..];
        var type = TextExtensions.Contains(extension) ? "text/plain" : MimeTypes.GetValueOrDefault(extension, "application/octet-stream");
        return new FakeAnswer(200, type, content)
        {
            Headers = new Dictionary<string, string>
            {
                ["Content-Disposition"] = $"attachment; filename={Uri.EscapeDataString(name)}",
                ["X-Content-Type-Options"] = "nosniff",
            },
        };
    }

    private static void WriteFiles(Utf8JsonWriter json, IEnumerable<ListedFile> files)
        => json.WriteList("files", files, (w, file) =>
        {
            w.WriteString("path", file.Name);
            w.WriteBoolean("is_dir", file.Size is null);

            // The size of an empty file is the default and left out.
            w.WriteOptional("file_size", file.Size is 0 ? null : file.Size);
        });

    private static IEnumerable<ListedFile> ListAt(Call call, string root, string? path)
    {
        if (ArtifactPaths.IsProxied(call, root))
        {
            return List(call, ArtifactPaths.Join(ArtifactPaths.ToProxyPath(root), path));
        }

        var folder = new DirectoryInfo(Path.Combine(LocalFolder(root), path ?? ""));
        return !folder.Exists ? [] : folder.EnumerateFileSystemInfos()
            .OrderBy(entry => entry.Name, StringComparer.Ordinal)
            .Select(entry => new ListedFile(entry.Name, entry is FileInfo file ? file.Length : null));
    }

    private static IEnumerable<ListedFile> List(Call call, string path)
    {
        var prefix = path.Trim('/') is { Length: > 0 } folder ? folder + "/" : "";
        return call.State.ArtifactStore
            .Where(artifact => artifact.Key.StartsWith(prefix, StringComparison.Ordinal))
            .Select(artifact => (Name: artifact.Key[prefix.Length..], artifact.Value.Length))
            .Select(file => file.Name.IndexOf('/', StringComparison.Ordinal) is >= 0 and var slash
                ? new ListedFile(file.Name[..slash], null)
                : new ListedFile(file.Name, file.Length))
            .Distinct()
            .OrderBy(file => file.Name, StringComparer.Ordinal);
    }

    private static bool IsFolder(Call call, string path)
        => call.State.ArtifactStore.Keys.Any(key => key.StartsWith(path.TrimEnd('/') + "/", StringComparison.Ordinal));

    private static IEnumerable<string> Parents(string path)
    {
        for (var slash = path.LastIndexOf('/'); slash > 0; slash = path.LastIndexOf('/', slash - 1))
        {
            yield return path[..slash];
        }
    }

    private static string LocalFolder(string root) => ArtifactPaths.Scheme(root) switch
    {
        "" => root,
        "file" => new Uri(root).LocalPath,
        _ => throw new ServerCrashException($"No artifact repository for {root}."),
    };

    /// <summary>A file or a folder, which has no size.</summary>
    private sealed record ListedFile(string Name, long? Size);
}
