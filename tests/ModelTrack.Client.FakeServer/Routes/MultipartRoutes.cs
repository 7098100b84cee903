using ModelTrack.Client.Fakes.Wire;

namespace ModelTrack.Client.Fakes.Routes;

/// <summary>Uploads in parts and downloads by address, when the artifacts lie in an object store.</summary>
internal static class MultipartRoutes
{
    private static readonly MessageType Part = new(Field.Integer("part_number"), Field.Text("etag"), Field.Text("url"));

    private static readonly MessageType Create = new(
        Field.Text("path", Check.Required, Check.Text),
        Field.Integer("num_parts", Check.Integer));

    private static readonly MessageType Complete = new(
        Field.Text("path", Check.Required, Check.Text),
        Field.Text("upload_id", Check.Text),
        Field.Many("parts", Part, Check.Required));

    private static readonly MessageType Abort = new(
        Field.Text("path", Check.Required, Check.Text),
        Field.Text("upload_id", Check.Text));

    public static void AddTo(Router router)
    {
        Proxy("POST", "/mpu/create/{*path}", OnCreate, "2.9");
        Proxy("POST", "/mpu/complete/{*path}", OnComplete, "2.9");
        Proxy("POST", "/mpu/abort/{*path}", OnAbort, "2.9");
        Proxy("GET", "/presigned/{*path}", OnPresign, "3.11");

        void Proxy(string method, string path, Func<Call, FakeAnswer> handle, string since) => router.Api(
            method,
            path,
            call => ArtifactRoutes.OnlyWhenServing(call, "/api/2.0/mlflow-artifacts" + path, handle),
            since,
            root: "2.0/mlflow-artifacts");
    }

    private static FakeAnswer OnCreate(Call call)
    {
        var folder = ArtifactPaths.Check(call.Route["path"]);
        var request = call.Read(Create);
        var objects = Objects(call, "upload");
        var (path, id) = (PathOf(folder, request), objects.Begin());
        return Json.Answer(json =>
        {
            json.WriteString("upload_id", id);
            json.WriteList("credentials", Enumerable.Range(1, (int)request.Integer("num_parts")), (w, number) =>
            {
                w.WriteString("url", objects.SignPart(path, id, number));
                w.WriteNumber("part_number", number);
            });
        });
    }

    private static FakeAnswer OnComplete(Call call)
    {
        var folder = ArtifactPaths.Check(call.Route["path"]);
        var request = call.Read(Complete);
        var parts = request.Many("parts").Select(part => (part.Integer("part_number"), part.Text("etag"))).ToList();
        call.State.ArtifactStore[PathOf(folder, request)] = Objects(call, "upload").Complete(request.Text("upload_id"), parts);
        return Json.Empty;
    }

    private static FakeAnswer OnAbort(Call call)
    {
        ArtifactPaths.Check(call.Route["path"]);
        var request = call.Read(Abort);
        Objects(call, "upload").Abort(request.Text("upload_id"));
        return Json.Empty;
    }

    private static FakeAnswer OnPresign(Call call)
    {
        var path = ArtifactPaths.Check(call.Route["path"]);
        var objects = Objects(call, "download");
        if (!call.State.ArtifactStore.TryGetValue(path, out var content))
        {
            throw FakeException.NotFound($"Artifact not found: {path}");
        }

        return Json.Answer(json =>
        {
            json.WriteString("url", objects.SignDownload(path));
            json.WriteObject("headers", _ => { });
            json.WriteNumber("file_size", content.Length);
        });
    }

    /// <summary>The folder is in the address; of the path in the body only the name at its end counts.</summary>
    private static string PathOf(string folder, Message request)
        => ArtifactPaths.Join(folder, request.Text("path").Replace('\\', '/').Split('/')[^1]);

    private static ObjectStore Objects(Call call, string what)
        => call.Objects ?? throw new FakeException("NOT_IMPLEMENTED", $"Multipart {what} is not supported for the current artifact repository");
}
