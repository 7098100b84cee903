using System.Globalization;
using ModelTrack.Client.Fakes.Wire;

namespace ModelTrack.Client.Fakes.Routes;

/// <summary>Versions of registered models.</summary>
internal static class ModelVersionRoutes
{
    private const string VersionsTag = "mlflow.modelVersions";

    private static readonly MessageType Create = new(
        Field.Text("name", Check.Text, Check.Required),
        Field.Text("source", Check.Text, Check.Required),
        Field.Text("run_id", Check.Text),
        Field.Many("tags", Pairs.Type, Check.List),
        Field.Text("run_link", Check.Text),
        Field.Text("description", Check.Text),
        Field.Text("model_id", Check.Text));

    private static readonly MessageType ByVersion = new(
        Field.Text("name", Check.Text, Check.Required),
        Field.Text("version", Check.Text, Check.Required));

    private static readonly MessageType DownloadUri = new(Field.Text("name"), Field.Text("version"));

    private static readonly MessageType Update = new(
        Field.Text("name", Check.Text, Check.Required),
        Field.Text("version", Check.Text, Check.Required),
        Field.Text("description", Check.Text));

    private static readonly MessageType Transition = new(
        Field.Text("name", Check.Text, Check.Required),
        Field.Text("version", Check.Text, Check.Required),
        Field.Text("stage", Check.Text, Check.Required),
        Field.Flag("archive_existing_versions", Check.Flag));

    private static readonly MessageType Tag = new(
        Field.Text("name", Check.Text, Check.Required),
        Field.Text("version", Check.Text, Check.Required),
        Field.Text("key", Check.Text, Check.Required),
        Field.Text("value", Check.Text));

    public static void AddTo(Router router)
    {
        router.Api("POST", "/model-versions/create", OnCreate);
        router.Api("GET", "/model-versions/get", OnGet);
        router.Api("PATCH", "/model-versions/update", OnUpdate);
        router.Api("DELETE", "/model-versions/delete", OnDelete);
        router.Api("POST", "/model-versions/transition-stage", OnTransition);
        router.Api("GET", "/model-versions/get-download-uri", OnGetDownloadUri);
        router.Api("POST", "/model-versions/set-tag", OnSetTag);
        router.Api("DELETE", "/model-versions/delete-tag", OnDeleteTag);
        router.Add("GET", "/model-versions/get-artifact", OnDownload);
    }

    private static FakeAnswer OnCreate(Call call)
    {
        var request = call.Read(Create);
        var (name, source) = (request.Text("name"), request.Text("source"));
        var modelId = call.Version.AtLeast(3, 0) ? request.TextOrNull("model_id") : null;
        var tags = Pairs.Of(request.Many("tags"));
        if (!tags.Exists(tag => tag.Key == "mlflow.prompt.is_prompt"))
        {
            CheckSource(call, source, request.TextOrNull("run_id"), modelId);
        }

        RegistryLookup.CheckModelName(call, name);
        tags.ForEach(tag => RegisteredModelRoutes.CheckTag(call, tag.Key, tag.Value));
        var (location, runId) = Resolve(call, source, request.Text("run_id"));
        var logged = modelId is null ? null : LoggedModelRoutes.Find(call, modelId);
        var model = RegistryLookup.FindModel(call, name);
        var now = call.Now;
        var version = new FakeModelVersion
        {
            Name = name,
            Version = model.Versions.Count == 0 ? 1 : model.Versions.Max(v => v.Version) + 1,
            CreationTime = now,
            LastUpdateTime = now,
            Description = request.Text("description"),
            Source = source,
            StorageLocation = location,
            RunId = runId.Length == 0 && logged is not null ? logged.SourceRunId : runId,
            RunLink = request.Text("run_link"),
        };
        tags.ForEach(tag => version.TagStore[tag.Key] = tag.Value);
        model.VersionStore.Add(version);
        model.LastUpdateTime = now;
        if (logged is not null)
        {
            var entry = $"{{\"name\": {PythonText.Json(name)}, \"version\": {version.Version}}}";
            logged.TagStore[VersionsTag] = logged.TagStore.TryGetValue(VersionsTag, out var known) ? $"{known[..^1]}, {entry}]" : $"[{entry}]";
        }

        return RegistryLookup.Answer(call, version);
    }

    private static FakeAnswer OnGet(Call call) => RegistryLookup.Answer(call, Find(call, call.Read(ByVersion)));

    private static FakeAnswer OnUpdate(Call call)
    {
        var request = call.Read(Update);
        var version = Find(call, request);
        version.Description = request.Has("description") ? request.Text("description") : null;
        version.LastUpdateTime = call.Now;
        return RegistryLookup.Answer(call, version);
    }

    private static FakeAnswer OnDelete(Call call)
    {
        var version = Find(call, call.Read(ByVersion));
        var model = call.State.RegisteredModelStore[version.Name];
        version.IsDeleted = true;
        version.LastUpdateTime = model.LastUpdateTime = call.Now;
        if (!call.IsSql)
        {
            // A database compares the alias's number with the request's text and so keeps it, standing for nothing.
            var number = version.Version.ToString(CultureInfo.InvariantCulture);
            foreach (var alias in model.Aliases.Where(a => a.Value == number).Select(a => a.Key).ToList())
            {
                model.AliasStore.Remove(alias);
            }
        }

        return Json.Empty;
    }

    private static FakeAnswer OnTransition(Call call)
    {
        var request = call.Read(Transition);
        var stage = RegistryLookup.CanonicalStage(request.Text("stage"));
        var archive = request.Flag("archive_existing_versions");
        if (archive && stage is "None" or "Archived")
        {
            throw FakeException.Internal(
                $"Model version transition cannot archive existing model versions because '{request.Text("stage")}' is not an Active stage."
                + " Valid stages are ['Staging', 'Production']");
        }

        var version = Find(call, request);
        var model = call.State.RegisteredModelStore[version.Name];
        var now = call.Now;
        foreach (var other in model.Versions.Where(v => archive && v != version && v.Stage == stage && !v.IsDeleted))
        {
            other.Stage = "Archived";
            other.LastUpdateTime = now;
        }

        version.Stage = stage;
        version.LastUpdateTime = model.LastUpdateTime = now;
        return RegistryLookup.Answer(call, version);
    }

    private static FakeAnswer OnGetDownloadUri(Call call)
    {
        var version = Find(call, call.Read(DownloadUri));
        return Json.Answer(json => json.WriteString("artifact_uri", version.StorageLocation));
    }

    private static FakeAnswer OnSetTag(Call call)
    {
        var request = call.Read(Tag);
        RegisteredModelRoutes.CheckTag(call, request.Text("key"), request.Text("value"));
        var version = Find(call, request);
        version.TagStore[request.Text("key")] = request.Text("value");
        RegistryLookup.TouchFile(call, call.State.RegisteredModelStore[version.Name]);
        return Json.Empty;
    }

    private static FakeAnswer OnDeleteTag(Call call)
    {
        var request = call.Read(Tag);
        Names.CheckKey(request.Text("key"), "key", call.Version);
        var version = Find(call, request);
        if (version.TagStore.Remove(request.Text("key")))
        {
            RegistryLookup.TouchFile(call, call.State.RegisteredModelStore[version.Name]);
        }

        return Json.Empty;
    }

    private static FakeAnswer OnDownload(Call call)
    {
        var path = ArtifactPaths.Check(call.QueryValue("path") ?? throw new ServerCrashException("No path."));
        var version = RegistryLookup.FindVersion(call, call.QueryValue("name") ?? "", call.QueryValue("version") ?? "");
        return ArtifactRoutes.Download(call, ResolveRunUri(call, version.StorageLocation), path);
    }

    private static FakeModelVersion Find(Call call, Message request)
        => RegistryLookup.FindVersion(call, request.Text("name"), request.Text("version"));

    /// <summary>The artifact location that a <c>runs:/</c> URI stands for.</summary>
    private static string ResolveRunUri(Call call, string uri)
    {
        if (ArtifactPaths.Scheme(uri) != "runs")
        {
            return uri;
        }

        var parts = uri["runs:".Length..].Trim('/').Split('/', 2);
        var run = RunRoutes.Find(call, parts[0]);
        return parts.Length == 1 ? run.ArtifactUri : ArtifactPaths.Append(run.ArtifactUri, parts[1]);
    }

    /// <summary>Where the files of a source are, and the run it came from; of <c>models:/</c> sources that is looked up.</summary>
    private static (string Location, string RunId) Resolve(Call call, string source, string runId)
    {
        if (ArtifactPaths.Scheme(source) != "models")
        {
            return (source, runId);
        }

        var path = source["models:".Length..].TrimStart('/').Split('/');
        try
        {
            if (path.Length == 1 && path[0].StartsWith("m-", StringComparison.Ordinal))
            {
                var model = LoggedModelRoutes.Find(call, path[0]);
                return (model.ArtifactLocation, runId.Length > 0 ? runId : model.SourceRunId);
            }

            return (RegistryLookup.FindVersion(call, path[0], path.ElementAtOrDefault(1) ?? "None").StorageLocation, runId);
        }
        catch (FakeException error)
        {
            throw FakeException.Internal(
                $"Unable to fetch model from model URI source artifact location '{source}'.Error: {error.Code}: {error.Message}");
        }
    }

    /// <summary>A source on the server's disk has to lie with the artifacts of the run or model; no other may climb up.</summary>
    private static void CheckSource(Call call, string source, string? runId, string? modelId)
    {
        if (ArtifactPaths.Scheme(source) is "" or "file")
        {
            var path = source;
            if ((modelId ?? runId) is not null)
            {
                var root = modelId is not null ? LoggedModelRoutes.Find(call, modelId).ArtifactLocation : RunRoutes.Find(call, runId!).ArtifactUri;
                path = ToLocalPath(source);
                if (ArtifactPaths.Scheme(root) is "" or "file" && IsBelow(path, ToLocalPath(root)))
                {
                    return;
                }
            }

            var parameter = modelId is null ? "run_id" : "model_id";
            throw FakeException.Invalid(
                $"Invalid model version source: '{path}'. To use a local path as a model version source, the {parameter} request parameter"
                + $" has to be specified and the local path has to be contained within the artifact directory of the run specified by the"
                + $" {parameter}.");
        }

        var decoded = source;
        for (var next = Uri.UnescapeDataString(decoded); next != decoded; next = Uri.UnescapeDataString(decoded))
        {
            decoded = next;
        }

        if (decoded.Contains('\0') || decoded.Split('/').Any(part => part is ".." or "."))
        {
            throw FakeException.Invalid(
                $"Invalid model version source: '{source}'. If supplying a source as an http, https, local file path, ftp, objectstore, or"
                + " mlflow-artifacts uri, an absolute path must be provided without relative path references present. Please provide an"
                + " absolute path.");
        }
    }

    private static string ToLocalPath(string source)
        => Path.GetFullPath(source.StartsWith("file:", StringComparison.Ordinal) ? new Uri(source).LocalPath : source);

    private static bool IsBelow(string path, string root) => path == root || path.StartsWith(root.TrimEnd('/') + "/", StringComparison.Ordinal);
}
