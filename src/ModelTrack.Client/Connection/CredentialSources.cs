using Microsoft.Extensions.Logging;

namespace ModelTrack.Client;

/// <summary>
/// Which credentials a server gets. The options come first, then the tracking URI's user info (as in Python's client, where it replaces
/// the header), then MLflow's variables and file: name and password before the token.
/// </summary>
internal sealed class CredentialSources(TrackerOptions options, TrackingEnvironment environment, ILogger logger)
{
    private const string TokenVariable = "MLFLOW_TRACKING_TOKEN";
    private const string SigningVariable = "MLFLOW_TRACKING_AWS_SIGV4";
    private const string PluginVariable = "MLFLOW_TRACKING_AUTH";

    /// <summary>Those for a server of MLflow's own kind.</summary>
    /// <param name="server">Its address.</param>
    /// <param name="userInfo">What its URI holds.</param>
    /// <exception cref="ArgumentException">They are incomplete or cannot be sent.</exception>
    /// <exception cref="NotSupportedException">A variable asks for a way that is not known here.</exception>
    public ServerCredentials ForMlflow(Uri server, UserInfo? userInfo)
    {
        if (TokenOption(server) is { } token)
        {
            return token;
        }

        if (options is { UserName: null, Password: null })
        {
            RefuseWhatIsNotKnown();
        }

        var (name, password) = Complete(options.UserName ?? userInfo?.Name, options.Password ?? userInfo?.Password);
        if ((options.UserName is not null && password is null) || (options.Password is not null && name is null))
        {
            throw new ArgumentException(
                $"{nameof(TrackerOptions)}.{nameof(TrackerOptions.UserName)} and {nameof(TrackerOptions.Password)} go together: one is set, and "
                + "the other is neither set nor in MLFLOW_TRACKING_USERNAME, MLFLOW_TRACKING_PASSWORD or ~/.mlflow/credentials.");
        }

        if (name is not null && password is not null)
        {
            return new BasicCredentials(name, password);
        }

        return environment.Get(TokenVariable) is { } variable ? new BearerToken(variable, TokenVariable) : ServerCredentials.None;
    }

    /// <summary>Those for a Databricks workspace: the options, else what its configuration says.</summary>
    /// <exception cref="ArgumentException">There are none.</exception>
    public ServerCredentials ForDatabricks(DatabricksConfig config)
        => TokenOption(config.Host)
        ?? (options is { UserName: { } name, Password: { } password } ? new BasicCredentials(name, password) : config.GetCredentials());

    /// <summary>Those for an Azure workspace: a token, from the options or, as jobs there have it, from the variable.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public ServerCredentials ForAzureMl(Uri server)
        => TokenOption(server)
        ?? (environment.Get(TokenVariable) is { } token
            ? new BearerToken(token, TokenVariable)
            : throw new ArgumentException(
                "An azureml: tracking URI needs tokens of Microsoft Entra ID: set TrackerOptions.TokenProvider, for example with "
                + "Azure.Identity: async (_, ct) => (await credential.GetTokenAsync(new TokenRequestContext("
                + "[\"https://ml.azure.com/.default\"]), ct)).Token"));

    private ServerCredentials? TokenOption(Uri server)
    {
        if (options.TokenProvider is { } provider)
        {
            return new ProvidedToken(provider, server);
        }

        return options.Token is { } token ? new BearerToken(token, $"{nameof(TrackerOptions)}.{nameof(TrackerOptions.Token)}") : null;
    }

    /// <summary>Each of the two that is missing, from its variable or else from the file.</summary>
    private (string? Name, string? Password) Complete(string? name, string? password)
    {
        name ??= environment.UserName;
        password ??= environment.Get("MLFLOW_TRACKING_PASSWORD");
        if (name is not null && password is not null)
        {
            return (name, password);
        }

        var stored = CredentialsFile.Read(environment, logger);
        return (name ?? NotEmpty(stored.Name), password ?? NotEmpty(stored.Password));
    }

    private void RefuseWhatIsNotKnown()
    {
        if (environment.GetFlag(SigningVariable) == true)
        {
            throw new NotSupportedException(
                $"{SigningVariable} is true, but requests are not signed for AWS here. Unset it, and send through a proxy that signs (for "
                + "example aws-sigv4-proxy), or sign in a handler of your own: services.AddModelTrack(…).AddHttpMessageHandler(…).");
        }

        if (environment.Get(PluginVariable) is { } plugin)
        {
            throw new NotSupportedException(
                $"{PluginVariable} names the Python plug-in {Excerpt.Of(plugin)}, which cannot be used here. Unset it, and set "
                + "TrackerOptions.TokenProvider, or add a handler of your own: services.AddModelTrack(…).AddHttpMessageHandler(…).");
        }
    }

    private static string? NotEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
