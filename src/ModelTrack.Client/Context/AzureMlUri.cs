using System.Text.RegularExpressions;

namespace ModelTrack.Client;

/// <summary>
/// The tracking URI of an Azure Machine Learning workspace, as its portal and SDK give it. Behind it is MLflow's API by https at the same
/// host, below the workspace's path.
/// </summary>
internal static partial class AzureMlUri
{
    private const string DefaultPrefix = "/mlflow/v1.0";

    /// <summary>The https URL for it. What follows the workspace's name, and the query, is not the server's business.</summary>
    /// <exception cref="ArgumentException">It names no workspace.</exception>
    public static Uri ServerOf(string text)
    {
        var form = Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Host.Length > 0 && uri.UserInfo.Length == 0
            ? Workspace().Match(uri.AbsolutePath)
            : Match.Empty;
        if (!form.Success)
        {
            throw new ArgumentException(
                "The azureml: tracking URI names no workspace. It must be azureml://<region>.api.azureml.ms/mlflow/v1.0/subscriptions/<id>/"
                + "resourceGroups/<group>/providers/Microsoft.MachineLearningServices/workspaces/<name>, as `az ml workspace show --query "
                + "mlflow_tracking_uri` prints it.",
                nameof(text));
        }

        var prefix = form.Groups["prefix"].Value;
        return new UriBuilder(Uri.UriSchemeHttps, uri!.Host, uri.IsDefaultPort ? -1 : uri.Port)
        {
            Path = (Prefix().IsMatch(prefix) ? prefix : DefaultPrefix) + form.Groups["scope"].Value,
        }.Uri;
    }

    [GeneratedRegex(
        "^(?<prefix>.*?)(?<scope>/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\\.MachineLearningServices/workspaces/[^/]+)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Workspace();

    [GeneratedRegex("^/mlflow/v[0-9]+\\.[0-9]+$")]
    private static partial Regex Prefix();
}
