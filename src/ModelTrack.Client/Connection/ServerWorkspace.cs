namespace ModelTrack.Client;

/// <summary>The part of a server that requests are for, where it has parts (MLflow 3.10).</summary>
internal static class ServerWorkspace
{
    private const string Variable = "MLFLOW_WORKSPACE";

    /// <summary>The option, else the variable; null: none is named.</summary>
    /// <exception cref="ArgumentException">The variable's value cannot be sent.</exception>
    public static string? Of(TrackerOptions options, TrackingEnvironment environment)
    {
        if (options.Workspace is not null || environment.Get(Variable) is not { } workspace)
        {
            return options.Workspace;
        }

        return HeaderText.IsVisible(workspace)
            ? workspace
            : throw new ArgumentException(
                $"The environment variable {Variable} must be visible ASCII characters without spaces, not {Excerpt.Of(workspace)}.");
    }

    /// <summary>Whether it is one of the routes that manage workspaces, and so are in none.</summary>
    public static bool IsManagedBy(Uri request, Uri server)
    {
        var prefix = server.AbsolutePath.TrimEnd('/');
        return request.AbsolutePath.StartsWith(prefix, StringComparison.Ordinal)
            && request.AbsolutePath[prefix.Length..].Split('/') is ["", "api" or "ajax-api", _, "mlflow", "workspaces", ..];
    }
}
