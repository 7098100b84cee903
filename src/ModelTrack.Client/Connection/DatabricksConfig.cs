namespace ModelTrack.Client;

/// <summary>
/// Which Databricks workspace, and who comes: from <c>DATABRICKS_…</c> variables or a profile in <c>~/.databrickscfg</c>, as Databricks'
/// own tools read them. A profile that the tracking URI names is taken alone.
/// </summary>
internal sealed class DatabricksConfig
{
    private const string SettingsSection = "__settings__";

    private readonly Func<string, string?> _value;
    private readonly string _source;

    private DatabricksConfig(Uri host, Func<string, string?> value, string source)
    {
        Host = host;
        _value = value;
        _source = source;
    }

    /// <summary>The workspace's address, without a slash at its end.</summary>
    public Uri Host { get; }

    /// <summary>Finds the workspace.</summary>
    /// <param name="profile">The profile that the tracking URI names; null: none.</param>
    /// <param name="environment">The variables and the user's folder.</param>
    /// <exception cref="ArgumentException">There is no such profile, or no host.</exception>
    public static DatabricksConfig Read(string? profile, TrackingEnvironment environment)
    {
        if (profile is not null)
        {
            var (file, path) = ReadFile(environment);
            return file?.HasSection(profile) == true
                ? Of(key => NotEmpty(file.GetRaw(profile, key)), $"the profile [{profile}] of {Excerpt.Of(path)}")
                : throw new ArgumentException(
                    $"The tracking URI databricks://{profile} names a profile that is not in {Excerpt.Of(path)}. Write a section [{profile}] "
                    + "with host and token there, or name another file in DATABRICKS_CONFIG_FILE.");
        }

        string? Variable(string key) => environment.Get($"DATABRICKS_{key.ToUpperInvariant()}");
        var named = environment.Get("DATABRICKS_CONFIG_PROFILE");
        if (named is null && (Variable("host") ?? Variable("token") ?? Variable("password")) is not null)
        {
            return Of(Variable, "the environment");
        }

        return FromFile(named, environment, Variable);
    }

    /// <summary>What the configuration says of who comes.</summary>
    /// <exception cref="ArgumentException">Nothing that can be used.</exception>
    public ServerCredentials GetCredentials()
    {
        if (_value("username") is { } name && _value("password") is { } password)
        {
            return new BasicCredentials(name, password);
        }

        return _value("token") is { } token
            ? new BearerToken(token, $"The token of Databricks in {_source}")
            : throw new ArgumentException(
                $"There is no token for the Databricks workspace {Host} in {_source}. Set a personal access token (token there, or "
                + "DATABRICKS_TOKEN with DATABRICKS_HOST); for OAuth and Entra ID set TrackerOptions.TokenProvider.");
    }

    private static DatabricksConfig FromFile(string? named, TrackingEnvironment environment, Func<string, string?> variable)
    {
        var (file, path) = ReadFile(environment);
        var section = named ?? NotEmpty(file?.GetRaw(SettingsSection, "default_profile")?.Trim()) ?? IniFile.DefaultSection;
        if (file?.HasSection(section) != true)
        {
            throw new ArgumentException(
                (named is null
                    ? "The tracking URI databricks needs a workspace"
                    : $"DATABRICKS_CONFIG_PROFILE names the profile {Excerpt.Of(named)}, which is not there")
                + $": set DATABRICKS_HOST and DATABRICKS_TOKEN, or write a section [{section}] with host and token into {Excerpt.Of(path)}.");
        }

        string? Stored(string key) => NotEmpty(file.GetRaw(section, key));

        // Credentials go to the host that they stand with, not to another one that a variable names.
        var isElsewhere = variable("host") is { } host && Stored("host") is { } stored && Normal(host) != Normal(stored);
        return Of(
            key => variable(key) ?? (isElsewhere ? null : Stored(key)),
            $"the environment and the profile [{section}] of {Excerpt.Of(path)}");
    }

    private static DatabricksConfig Of(Func<string, string?> value, string source)
    {
        if (value("host") is not { } host)
        {
            throw new ArgumentException($"There is no host of a Databricks workspace in {source}. Set host there, or DATABRICKS_HOST.");
        }

        return new DatabricksConfig(
            Normal(host) ?? throw new ArgumentException(
                $"The host of the Databricks workspace in {source} must be a host's name or an https:// URL"
                + (host.Contains('@') ? "." : $", not {Excerpt.Of(host)}.")),
            value,
            source);
    }

    private static (IniFile? File, string Path) ReadFile(TrackingEnvironment environment)
    {
        var path = environment.Get("DATABRICKS_CONFIG_FILE") ?? "~/.databrickscfg";
        if (path.StartsWith("~/", StringComparison.Ordinal) && environment.Home is { } home)
        {
            path = Path.Combine(home, path[2..]);
        }

        try
        {
            return (File.Exists(path) ? IniFile.Read(path) : null, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ArgumentException($"Databricks' configuration {Excerpt.Of(path)} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Scheme, host and port, as an address; null when it is none.</summary>
    private static Uri? Normal(string host)
        => Uri.TryCreate(host.Contains("://", StringComparison.Ordinal) ? host : $"https://{host}", UriKind.Absolute, out var uri)
            && uri.Scheme is "https" or "http"
            && uri.Host.Length > 0
            && uri.UserInfo.Length == 0
            ? new Uri(uri.GetLeftPart(UriPartial.Authority))
            : null;

    private static string? NotEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
