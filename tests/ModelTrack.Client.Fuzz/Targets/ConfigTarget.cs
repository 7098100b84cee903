using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using ModelTrack.Client.Fuzz.Running;

namespace ModelTrack.Client.Fuzz.Targets;

/// <summary>
/// Files around a run: MLflow's credentials and Databricks' configuration (values, or an <see cref="ArgumentException"/> that has none of
/// them in it), git's configuration, and texts that are kept in tags and tables.
/// </summary>
internal sealed class ConfigTarget : FuzzTarget
{
    private readonly Scratch _scratch = new();
    private readonly string _credentials;
    private readonly string _databricks;
    private readonly TrackingEnvironment _environment;

    public ConfigTarget()
    {
        _credentials = Path.Combine(_scratch.Folder, ".mlflow", "credentials");
        _databricks = Path.Combine(_scratch.Folder, ".databrickscfg");
        _environment = new TrackingEnvironment(_ => null, null, _scratch.Folder);
        Directory.CreateDirectory(Path.GetDirectoryName(_credentials)!);
    }

    public override string Name => "config";

    public override int ShortCount => 3_000;

    public override int BytesPerByte => 1000;

    protected override IReadOnlyList<string> Words =>
    [
        "[mlflow]\n", "[DEFAULT]\n", "mlflow_tracking_username = ", "mlflow_tracking_password = ", "%(mlflow_tracking_username)s", "%(a)s%(a)s%(a)s%(a)s", "a = ", "%%", "%", "%(", ")s", "\n ", "\n\n\t", "; ", "# ", ":", "=",
        "host = https://x.test\n", "token = ", "[__settings__]\ndefault_profile = p\n", "[p]\n", "username = u\n", "password = ", "[remote \"origin\"]\n\turl = ", "[include]", "\\\n", "\"",
        "[{\"path\": \"a.json\", \"type\": \"table\"}]", "{\"columns\": [\"a\"], \"data\": [[1]]}", "\"\\ud800\"",
    ];

    public override IEnumerable<byte[]> Seeds() => new[]
    {
        "[mlflow]\nmlflow_tracking_username = me\nmlflow_tracking_password = %(mlflow_tracking_username)s-%%\n  more\n",
        "[DEFAULT]\na = 1\nb = %(a)s%(a)s\n[mlflow]\nmlflow_tracking_password: %(b)s%(b)s\n",
        "[DEFAULT]\nhost = https://x.test\ntoken = abc\n[p]\nhost = y.test\nusername = u\npassword = p\n[__settings__]\ndefault_profile = p\n",
        "[core]\n\tbare = false\n[remote \"origin\"]\n\turl = git@host.test:me/repo.git\n\tfetch = +refs/heads/*\n",
        """[{"path": "a.json", "type": "table"}, {"path": "b.json", "type": "image", "type": "x"}]""",
        """{"columns": ["a", "b"], "data": [[1, "x"], [null, [1, {"c": 2}]]]}""",
        "eyJvZmZzZXQiOiA1LCAic2VhcmNoIjogIm9uZSJ9",
    }.Select(Encoding.UTF8.GetBytes).Concat(SeedFiles.Kept(Name));

    public override Outcome Read(byte[] input)
    {
        File.WriteAllBytes(_credentials, input);
        File.WriteAllBytes(_databricks, input);
        var text = Encoding.UTF8.GetString(input);
        string[] results =
        [
            Try(() => (CredentialsFile.Read(_environment, NullLogger.Instance) is var (name, password) ? $"{name is null}{password is null}" : "")),
            Try(() => DatabricksConfig.Read(null, _environment).GetCredentials().GetType().Name),
            Try(() => $"{GitConfig.RemoteUrl(text) is null}"),
            Try(() => $"{LoggedArtifactsTag.Append(text, "t.json").Length > 40}"),
            Try(() => $"{TableJson.Append(input, ["a"], [[1]]).Length > 40}"),
            Try(() => $"{Backends.PageToken.Parse(text).Search is null}"),
        ];
        return new Outcome(
            results[0] is "+FalseFalse" or "+TrueFalse" or "+FalseTrue" || results[1][0] == '+' || results[4][0] == '+' || results[2] == "+False" ? Depth.Read
                : results[0][0] == '+' ? Depth.Partial : Depth.Refused,
            string.Join('|', results));
    }

    protected override void Close() => _scratch.Dispose();

    private static string Try(Func<string> read)
    {
        try
        {
            return "+" + read();
        }
        catch (Exception e) when (e is System.Text.Json.JsonException or ArgumentException and not ArgumentOutOfRangeException and not ArgumentNullException)
        {
            return "-" + ShapeOf(e);
        }
    }
}
