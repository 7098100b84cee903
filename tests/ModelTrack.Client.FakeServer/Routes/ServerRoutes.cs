using ModelTrack.Client.Fakes.Wire;

namespace ModelTrack.Client.Fakes.Routes;

/// <summary>What the server says of itself.</summary>
internal static class ServerRoutes
{
    public static void AddTo(Router router)
    {
        router.Add("GET", "/", _ => FakeAnswer.Text(200, "<!doctype html><title>MLflow</title>"));
        router.Add("GET", "/health", _ => FakeAnswer.Text(200, "OK"));
        router.Add("GET", "/version", call => FakeAnswer.Text(200, call.Version.Text), since: "2.1");
        router.Api("GET", "/server-info", OnInfo, since: "3.10", root: "3.0/mlflow");
    }

    private static FakeAnswer OnInfo(Call call) => Json.Answer(json =>
    {
        json.WriteString("store_type", call.IsSql ? "SqlStore" : "FileStore");
        json.WriteBoolean("workspaces_enabled", call.Options.WorkspacesEnabled);
    });
}
