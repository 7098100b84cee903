using System.Text;
using ModelTrack.Client.Backends.Files;
using ModelTrack.Client.Fuzz.Running;

namespace ModelTrack.Client.Fuzz.Targets;

/// <summary>
/// What users and servers name things by: <c>models:/</c> and <c>runs:/</c> URIs, tracking URIs, artifact locations. A text is one, or an
/// <see cref="ArgumentException"/>; a path in it stays inside; a password in it goes nowhere.
/// </summary>
internal sealed class AddressTarget : FuzzTarget
{
    private static readonly Uri Server = new("http://127.0.0.1:5000/mlflow");

    public override string Name => "address";

    public override int ShortCount => 6_000;

    /// <summary>A text is split, decoded and joined again a few times.</summary>
    public override int BytesPerByte => 2000;

    protected override IReadOnlyList<string> Words =>
    [
        "models:/", "runs:/", "MODELS:/", "file:", "file:///", "file://localhost/", "http://", "https://", "databricks://", "azureml://", "sqlite:///", "mlflow-artifacts:", "mlflow-artifacts://host:5000/",
        "/latest", "/Production", "@champion", "/3", "/0", "/2147483648", "m-", "..", "%2e%2e", "%252e", "%2f", "%5c", "%00", "?", "#", "user:hunter2@", "[::1]", ":99999", ":0", "xn--", "/api/2.0/mlflow-artifacts/artifacts/",
        "\\\\server\\share", "C:\\", "\u202e", "\ud83d\ude00", "0123456789abcdef0123456789abcdef",
    ];

    public override IEnumerable<byte[]> Seeds() => new[]
    {
        "models:/cancer/3", "models:/cancer@champion/sub/file.txt", "models:/m-0123/a/b", "models:/cancer/Production", "runs:/0123456789abcdef0123456789abcdef/model/MLmodel",
        "./mlruns", "file:///tmp/mlruns%20x", "https://user:hunter2@host.test:5000/prefix", "databricks://profile", "sqlite:///mlflow.db", "postgresql://user:hunter2@host/db?password=hunter2",
        "azureml://westeurope.api.azureml.ms/mlflow/v1.0/subscriptions/1/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w",
        "mlflow-artifacts:/1/0123/artifacts", "mlflow-artifacts://host:5000/1/x", "http://h/api/2.0/mlflow-artifacts/artifacts/1/a", "file://host/share/a",
    }.Select(Encoding.UTF8.GetBytes).Concat(SeedFiles.Kept(Name));

    public override Outcome Read(byte[] input)
    {
        var text = input.Length % 7 == 0 ? Encoding.Unicode.GetString(input) : Encoding.UTF8.GetString(input);
        string[] results =
        [
            Try(() =>
            {
                var uri = ModelsUri.Parse(text, out var path);
                PathTarget.CheckInside(path);
                return $"{uri.Alias is null}{uri.Version is null}{uri.Stage is null}{uri.ModelId is null}{path.Length > 0}";
            }),
            Try(() =>
            {
                var uri = RunsUri.Parse(text);
                PathTarget.CheckInside(uri.Path);
                return $"{uri.Path.Length > 0}";
            }),
            Try(() => Describe(TrackingUri.Parse(text, "/data"))),
            Try(() => ArtifactLocations.ToLocalPaths(text).Count.ToString(default(IFormatProvider))),
            Try(() =>
            {
                var place = text.Contains(':') ? ProxyLocation.Find(text) ?? ProxyLocation.Resolve(text, Server) : null;
                PathTarget.CheckInside(place?.Root ?? "");
                _ = place?.UriOf("artifacts", "a/b");
                return $"{place?.Root.Length > 0}";
            }),
        ];
        return new Outcome(
            results.Any(result => result[0] == '+') ? Depth.Read : Depth.Refused,
            $"{string.Join('|', results)} {UriScheme.Of(text)?.Length}");
    }

    private static string Describe(TrackingUri uri)
    {
        if (uri.Server?.UserInfo.Length > 0)
        {
            throw new FindingException("User info is in the destination, which is written to files: " + uri);
        }

        return $"{uri.Kind} {uri.ServerKind} {uri.UserInfo?.Password is not null} {uri.DatabricksProfile is not null}";
    }

    private static string Try(Func<string> read)
    {
        try
        {
            return "+" + read();
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException or ModelTrackException)
        {
            return e is ArgumentOutOfRangeException or ArgumentNullException
                ? throw new FindingException($"{e.GetType().Name} says nothing to a user.", e)
                : "-" + ShapeOf(e);
        }
    }
}
