using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Serialization;

namespace ModelTrack.Client;

/// <content>How a server is reached. All of it is left alone by folders.</content>
public sealed partial class TrackerOptions
{
    /// <summary>The name for Basic authentication. Goes with <see cref="Password"/>.</summary>
    /// <value>
    /// Default: the name in the tracking URI, else <c>MLFLOW_TRACKING_USERNAME</c>, else <c>mlflow_tracking_username</c> in
    /// <c>~/.mlflow/credentials</c>. Without a colon.
    /// </value>
    public string? UserName { get; set; }

    /// <summary>The password for Basic authentication. Never logged, printed, or written to a file.</summary>
    /// <value>
    /// Default: the password in the tracking URI, else <c>MLFLOW_TRACKING_PASSWORD</c>, else <c>mlflow_tracking_password</c> in
    /// <c>~/.mlflow/credentials</c>.
    /// </value>
    [JsonIgnore]
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    public string? Password { get; set; }

    /// <summary>The token for Bearer authentication. Never logged, printed, or written to a file.</summary>
    /// <value>
    /// Default: when there are no name and password, <c>MLFLOW_TRACKING_TOKEN</c>; for Databricks the token of its configuration. Visible
    /// ASCII characters.
    /// </value>
    [JsonIgnore]
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    public string? Token { get; set; }

    /// <summary>
    /// Gives tokens for Bearer authentication. It is asked by every request, from several threads at a time, so it should keep a token as
    /// long as that is good; and once more after the server has refused one, with <see cref="TokenRequest.IsRenewal"/>. When it fails or
    /// gives nothing the request fails, as if the server were away; of its exception only the type is told, since the words may hold a secret.
    /// </summary>
    /// <value>Default: null.</value>
    /// <example><code>
    /// options.TokenProvider = async (request, ct) => await tokens.GetAsync(forceRefresh: request.IsRenewal, ct);
    /// </code></example>
    [JsonIgnore]
    public Func<TokenRequest, CancellationToken, ValueTask<string>>? TokenProvider { get; set; }

    /// <summary>
    /// The workspace of a server that has workspaces (MLflow 3.10 and later). A server of these versions that was started without them
    /// refuses requests that name one; an older server ignores it.
    /// </summary>
    /// <value>Default: <c>MLFLOW_WORKSPACE</c>, else none, which is the server's default workspace. Visible ASCII characters.</value>
    public string? Workspace { get; set; }

    /// <summary>
    /// A PEM file with the certificates of the authorities that the server's certificate may be signed by, or a folder of such files. Only
    /// these are trusted then, and only for the server: other hosts, such as the storage behind presigned URLs, are met with the system's.
    /// </summary>
    /// <value>Default: <c>MLFLOW_TRACKING_SERVER_CERT_PATH</c>, else the system's authorities.</value>
    public string? ServerCertificateAuthority { get; set; }

    /// <summary>The certificate, with its private key, that is shown to the server. The caller keeps it until the tracker is disposed.</summary>
    /// <value>Default: that of <see cref="ClientCertificatePath"/>.</value>
    [JsonIgnore]
    public X509Certificate2? ClientCertificate { get; set; }

    /// <summary>
    /// A PEM file with the certificate that is shown to the server and its private key, which is not encrypted. Further certificates in it
    /// are sent along.
    /// </summary>
    /// <value>Default: <c>MLFLOW_TRACKING_CLIENT_CERT_PATH</c>, else none.</value>
    public string? ClientCertificatePath { get; set; }

    /// <summary>Takes any certificate of the server, so that anybody on the way can read and change everything. For tests only.</summary>
    /// <value>Default: <c>MLFLOW_TRACKING_INSECURE_TLS</c>, else false. False also overrules that variable.</value>
    public bool? AllowInsecureTls { get; set; }

    /// <summary>
    /// The longest time for one try of a request, from sending to the end of the answer; for files, the longest pause.
    /// </summary>
    /// <value>
    /// Default: <c>MLFLOW_HTTP_REQUEST_TIMEOUT</c>, else 120 seconds. More than zero and at most 10 days, or
    /// <see cref="Timeout.InfiniteTimeSpan"/>.
    /// </value>
    public TimeSpan? RequestTimeout { get; set; }

    /// <summary>
    /// How often one request is tried again by itself, within seconds. What was logged is kept and tried for as long as it takes, whatever
    /// this says.
    /// </summary>
    /// <value>Default: <c>MLFLOW_HTTP_REQUEST_MAX_RETRIES</c>, else 3. From 0 to 10.</value>
    public int? MaxRetries { get; set; }

    /// <summary>
    /// How many metric points go into one request at most: for a server, or a proxy before one, that takes fewer than MLflow's own. Not used
    /// for folders.
    /// </summary>
    /// <value>Default: null, the limit that the server is known to have: 250 for Azure Machine Learning, else 1000. From 1 to 1000.</value>
    public int? MaxMetricsPerBatch { get; set; }

    /// <summary>Makes the clients to send with; null: one of the tracker's own. Each call's result is used at once, and not disposed.</summary>
    internal Func<HttpClient>? HttpClients { get; set; }

    private void CheckServer()
    {
        const string Hidden = "something else (not shown here)";
        Require(
            UserName is null || (NotBlank(UserName) && !UserName.Contains(':') && !UserName.Any(char.IsControl)),
            nameof(UserName), Hidden, "null or a name without colons and control characters");
        Require(Password is null || !Password.Any(char.IsControl), nameof(Password), Hidden, "null or a text without control characters");
        Require(
            Token is null || HeaderText.IsVisible(Token.Trim()), nameof(Token), Hidden, "null or visible ASCII characters without spaces");
        Require(
            (TokenProvider is null ? 0 : 1) + (Token is null ? 0 : 1) + (UserName is null && Password is null ? 0 : 1) < 2,
            nameof(TokenProvider),
            "more than one of them",
            $"the only one that is set of itself, {nameof(Token)}, and {nameof(UserName)} with {nameof(Password)}");
        Require(
            Workspace is null || HeaderText.IsVisible(Workspace),
            nameof(Workspace), Excerpt.Of(Workspace), "null or visible ASCII characters without spaces");
        Require(NotBlank(ServerCertificateAuthority), nameof(ServerCertificateAuthority), "blank", "null or a file or folder");
        Require(NotBlank(ClientCertificatePath), nameof(ClientCertificatePath), "blank", "null or a file");
        Require(
            ClientCertificatePath is null || ClientCertificate is null,
            nameof(ClientCertificatePath), "both", $"null when {nameof(ClientCertificate)} is set");
        Require(
            ClientCertificate is null or { HasPrivateKey: true },
            nameof(ClientCertificate), "one without", "null or a certificate with its private key");
        Require(
            AllowInsecureTls != true || ServerCertificateAuthority is null,
            nameof(AllowInsecureTls), "true", $"null or false when {nameof(ServerCertificateAuthority)} is set");
        Require(
            RequestTimeout is not { } time || HttpSettings.IsRequestTimeout(time),
            nameof(RequestTimeout), RequestTimeout, "null, infinite, or more than zero and at most 10 days");
        Require(MaxRetries is null or (>= 0 and <= 10), nameof(MaxRetries), MaxRetries, "null or from 0 to 10");
        Require(
            MaxMetricsPerBatch is null or (>= 1 and <= ServerLimits.MlflowMetrics),
            nameof(MaxMetricsPerBatch), MaxMetricsPerBatch, "null or from 1 to 1000");
    }

    private static bool NotBlank(string? text) => text is null || !string.IsNullOrWhiteSpace(text);
}
