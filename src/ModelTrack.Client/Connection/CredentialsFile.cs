using Microsoft.Extensions.Logging;

namespace ModelTrack.Client;

/// <summary>MLflow's own file, <c>~/.mlflow/credentials</c>.</summary>
internal static class CredentialsFile
{
    private const string Section = "mlflow";

    /// <summary>
    /// Name and password in it; null for what it does not hold. A file that may not be read counts as none, with a warning.
    /// </summary>
    /// <exception cref="ArgumentException">It breaks the format's rules.</exception>
    public static (string? Name, string? Password) Read(TrackingEnvironment environment, ILogger logger)
    {
        if (environment.Home is not { } home || Path.Combine(home, ".mlflow", "credentials") is var path && !File.Exists(path))
        {
            return default;
        }

        try
        {
            var file = IniFile.Read(path);
            return file.HasSection(Section)
                ? (file.GetInterpolated(Section, "mlflow_tracking_username"), file.GetInterpolated(Section, "mlflow_tracking_password"))
                : default;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            logger.LogWarning("The file {Path} cannot be read ({Reason}); it is left out", path, e.Message);
            return default;
        }
    }
}
