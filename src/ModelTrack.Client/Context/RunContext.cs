using System.Security;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;

namespace ModelTrack.Client;

/// <summary>What surrounds a run: who started which program from which commit. Nothing here fails but a wrong <c>MLFLOW_RUN_CONTEXT</c>.</summary>
internal sealed class RunContext
{
    private readonly TrackingEnvironment _environment;
    private readonly string? _program;
    private readonly string?[] _gitSearchFrom;

    /// <param name="environment">The variables.</param>
    /// <param name="program">The program's file; null when it is not known.</param>
    /// <param name="gitSearchFrom">Folders from which a repository is searched upward; the first that lies in one decides.</param>
    public RunContext(TrackingEnvironment environment, string? program, params string?[] gitSearchFrom)
    {
        _environment = environment;
        _program = program;
        _gitSearchFrom = gitSearchFrom;
    }

    /// <summary>
    /// That of this process. The current folder comes before the program's: `dotnet run` is called in the project, while the program may
    /// be published to anywhere.
    /// </summary>
    public static RunContext Current(TrackingEnvironment environment)
        => new(environment, ProgramFile(), CurrentDirectory(), AppContext.BaseDirectory);

    /// <summary>The tags for a new run. The environment's win over the found ones; the caller's own should win over all.</summary>
    public IReadOnlyDictionary<string, string> GetTags()
    {
        var tags = new Dictionary<string, string>();
        Add(tags, SystemTags.User, GetUser());
        Add(tags, SystemTags.SourceName, _program);
        Add(tags, SystemTags.SourceType, "LOCAL");
        if (_gitSearchFrom.Select(GitRepository.Find).FirstOrDefault(r => r is not null) is { } repository)
        {
            var (commit, branch) = repository.ReadHead();
            Add(tags, SystemTags.GitCommit, commit);
            Add(tags, SystemTags.GitBranch, branch);
            Add(tags, SystemTags.GitRepoUrl, repository.ReadRemoteUrl());
        }

        foreach (var (key, value) in ParseTags(_environment.RunContext))
        {
            tags[key] = value;
        }

        return tags;
    }

    /// <summary>
    /// Who runs this: the account at the server if there is one, of the variable or else of <c>~/.mlflow/credentials</c>; else the system's,
    /// as Python's <c>getpass.getuser</c> has it.
    /// </summary>
    public string GetUser()
    {
        if ((_environment.UserName ?? StoredAccount()) is { } account)
        {
            return account;
        }

        foreach (var variable in (ReadOnlySpan<string>)["LOGNAME", "USER", "LNAME", "USERNAME"])
        {
            if (_environment.Get(variable) is { } user)
            {
                return user;
            }
        }

        return Environment.UserName is { Length: > 0 } name ? name : "unknown";
    }

    /// <summary>A file that breaks its format's rules is an error of who needs the credentials in it.</summary>
    private string? StoredAccount()
    {
        try
        {
            return CredentialsFile.Read(_environment, NullLogger.Instance).Name is { Length: > 0 } name ? name : null;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static Dictionary<string, string> ParseTags(string? json)
    {
        var tags = new Dictionary<string, string>();
        if (json is null)
        {
            return tags;
        }

        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw new ArgumentException($"The environment variable {TrackingEnvironment.RunContextVariable} must hold a JSON object of tags.");
            }

            foreach (var tag in document.RootElement.EnumerateObject())
            {
                var value = tag.Value.ToString();
                Rules.CheckTag(tag.Name, value);
                tags[tag.Name] = value;
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new ArgumentException($"The environment variable {TrackingEnvironment.RunContextVariable} is no valid JSON: {e.Message}", e);
        }
        catch (ArgumentException e) when (e.ParamName is not null)
        {
            throw new ArgumentException($"A tag in the environment variable {TrackingEnvironment.RunContextVariable}: {e.Message}", e);
        }

        return tags;
    }

    // What was found by itself must not make a run fail: what breaks a rule is left out.
    private static void Add(Dictionary<string, string> tags, string key, string? value)
    {
        if (string.IsNullOrEmpty(value) || value.Length > Rules.MaxTagValueLength || CodePoints.IndexOfLoneSurrogate(value) >= 0)
        {
            return;
        }

        tags[key] = value;
    }

    // The first argument is what Python's argv[0] is: the program's .dll or .exe. (Assembly.Location is empty in a single file.)
    private static string? ProgramFile()
    {
        try
        {
            var first = Environment.GetCommandLineArgs().FirstOrDefault();
            return !string.IsNullOrEmpty(first) && File.Exists(first) ? Path.GetFullPath(first) : Environment.ProcessPath;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SecurityException or NotSupportedException)
        {
            return null;
        }
    }

    private static string? CurrentDirectory()
    {
        try
        {
            return Environment.CurrentDirectory;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SecurityException)
        {
            return null; // It may have been deleted.
        }
    }
}
