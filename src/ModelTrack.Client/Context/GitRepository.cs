using System.Security;

namespace ModelTrack.Client;

/// <summary>
/// The little that a run's tags need of a git repository, read from its files: no process is started, and git need not be installed.
/// What is missing, unreadable or strange is null.
/// </summary>
internal sealed class GitRepository
{
    private const int MaxSmallFile = 1 << 20;
    private const int MaxReferences = 5;

    private readonly string _gitFolder;
    private readonly string _commonFolder;

    private GitRepository(string gitFolder)
    {
        _gitFolder = gitFolder;
        // A worktree has its own HEAD; branches and configuration are those of the main repository.
        var common = ReadText(Path.Combine(gitFolder, "commondir"))?.Trim();
        _commonFolder = string.IsNullOrEmpty(common) || common.Contains('\0') ? gitFolder : Path.Combine(gitFolder, common);
    }

    /// <summary>The repository that the folder lies in, or null.</summary>
    public static GitRepository? Find(string? folder)
    {
        try
        {
            for (var f = string.IsNullOrEmpty(folder) ? null : new DirectoryInfo(folder); f is not null; f = f.Parent)
            {
                var git = Path.Combine(f.FullName, ".git");
                if (Directory.Exists(git) && File.Exists(Path.Combine(git, "HEAD")))
                {
                    return new GitRepository(git);
                }

                // Of a worktree and of a submodule it is a file that names the folder.
                if (File.Exists(git) && ReadText(git) is { } text && text.StartsWith("gitdir:", StringComparison.Ordinal))
                {
                    return new GitRepository(Path.Combine(f.FullName, text["gitdir:".Length..].Trim()));
                }
            }
        }
        catch (Exception e) when (IsExpected(e))
        {
            // As if there were none.
        }

        return null;
    }

    /// <summary>The commit that is checked out and its branch; no branch when the head is detached, no commit before the first.</summary>
    public (string? Commit, string? Branch) ReadHead()
    {
        try
        {
            var head = ReadText(Path.Combine(_gitFolder, "HEAD"))?.Trim();
            if (head is null || ReferenceIn(head) is not { } reference)
            {
                return (AsCommit(head), null);
            }

            const string Branches = "refs/heads/";
            // Newer storage of references (reftable) leaves this for older programs; its own files are not read here.
            if (reference == Branches + ".invalid")
            {
                return (null, null);
            }

            var branch = reference.StartsWith(Branches, StringComparison.Ordinal) ? reference[Branches.Length..] : null;
            return (ResolveReference(reference), branch);
        }
        catch (Exception e) when (IsExpected(e))
        {
            return (null, null);
        }
    }

    /// <summary>The URL of the remote "origin", else of the first one, without user info.</summary>
    public string? ReadRemoteUrl()
    {
        try
        {
            return ReadText(Path.Combine(_commonFolder, "config")) is { } config && GitConfig.RemoteUrl(config) is { } url
                ? GitUrl.WithoutUserInfo(url)
                : null;
        }
        catch (Exception e) when (IsExpected(e))
        {
            return null;
        }
    }

    private string? ResolveReference(string reference)
    {
        for (var i = 0; i < MaxReferences; i++)
        {
            var text = (ReadText(Path.Combine(_gitFolder, reference)) ?? ReadText(Path.Combine(_commonFolder, reference)))?.Trim();
            if (string.IsNullOrEmpty(text))
            {
                return ReadPacked(reference);
            }

            if (ReferenceIn(text) is not { } next)
            {
                return AsCommit(text);
            }

            reference = next;
        }

        return null;
    }

    private string? ReadPacked(string reference)
    {
        var file = Path.Combine(_commonFolder, "packed-refs");
        if (!File.Exists(file))
        {
            return null;
        }

        foreach (var line in File.ReadLines(file))
        {
            var space = line.IndexOf(' ');
            if (space > 0 && line.AsSpan(space + 1).SequenceEqual(reference))
            {
                return AsCommit(line[..space]);
            }
        }

        return null;
    }

    /// <summary>The name in "ref: refs/…"; null for another text, and for a name that would lead out of the repository.</summary>
    private static string? ReferenceIn(string text)
    {
        if (!text.StartsWith("ref:", StringComparison.Ordinal))
        {
            return null;
        }

        var name = text["ref:".Length..].Trim();
        return name.StartsWith("refs/", StringComparison.Ordinal) && !name.Contains("..", StringComparison.Ordinal) && !name.Contains('\0')
            ? name
            : null;
    }

    // SHA-1 or SHA-256.
    private static string? AsCommit(string? text)
        => text is { Length: 40 or 64 } && text.All(char.IsAsciiHexDigitLower) ? text : null;

    private static string? ReadText(string path)
        => new FileInfo(path) is { Exists: true, Length: <= MaxSmallFile } file ? File.ReadAllText(file.FullName) : null;

    private static bool IsExpected(Exception e)
        => e is IOException or UnauthorizedAccessException or SecurityException or ArgumentException or NotSupportedException;
}
