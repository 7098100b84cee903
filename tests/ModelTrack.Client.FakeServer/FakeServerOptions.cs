namespace ModelTrack.Client.Fakes;

/// <summary>How a <see cref="FakeServer"/> is set up.</summary>
public sealed class FakeServerOptions
{
    /// <summary>The store it behaves like.</summary>
    public StoreSemantics Semantics { get; init; } = StoreSemantics.Sql;

    /// <summary>The version it reports and behaves like; routes that came later do not exist.</summary>
    public string Version { get; init; } = "3.11.1";

    /// <summary>With a password: every request but <c>/health</c> needs these basic credentials.</summary>
    public string? UserName { get; init; }

    /// <summary>The password of <see cref="UserName"/>.</summary>
    public string? Password { get; init; }

    /// <summary>Names and passwords of users that may read, and create experiments and registered models, but change nothing.</summary>
    public IReadOnlyDictionary<string, string> ReadOnlyUsers { get; init; } = new Dictionary<string, string>();

    /// <summary>When set, every request needs this bearer token, as behind a proxy that asks for one.</summary>
    public string? Token { get; init; }

    /// <summary>Whether the artifact proxy is on; without it its routes answer 503 in plain text.</summary>
    public bool ServeArtifacts { get; init; } = true;

    /// <summary>
    /// What artifact locations of experiments begin with; default: <c>mlflow-artifacts:</c> while artifacts are served, a folder's path
    /// otherwise.
    /// </summary>
    public string? ArtifactRoot { get; init; }

    /// <summary>Whether artifacts lie in an object store: multipart uploads and presigned downloads, at a second port.</summary>
    public bool MultipartArtifacts { get; init; }

    /// <summary>The least size of a part other than the last, in bytes; S3 has 5 MiB.</summary>
    public int MinimumPartSize { get; init; } = 5 * 1024 * 1024;

    /// <summary>
    /// Whether artifacts can be downloaded whose file name is not ASCII. MLflow 3.11 as recorded cannot: it puts the name into a header
    /// and answers 500.
    /// </summary>
    public bool DownloadsNonAsciiNames { get; init; }

    /// <summary>The port; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>The path below which everything is (the server's <c>--static-prefix</c>), such as <c>/mlflow</c>; empty for none.</summary>
    public string PathPrefix { get; init; } = "";

    /// <summary>Whether there are workspaces; each has its own state.</summary>
    public bool WorkspacesEnabled { get; init; }

    /// <summary>The workspaces that exist besides <c>default</c>.</summary>
    public IReadOnlyList<string> Workspaces { get; init; } = [];

    /// <summary>The clock of creation times.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
