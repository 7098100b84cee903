using System.Diagnostics;
using System.Text;

namespace ModelTrack.Client.Torture.Writers;

/// <summary>This program again, as a child. Whatever happens, it is gone when it is disposed.</summary>
internal sealed class ChildProcess : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _errors = new();

    private ChildProcess(Process process)
    {
        _process = process;
        _process.ErrorDataReceived += (_, e) =>
        {
            lock (_errors)
            {
                _errors.AppendLine(e.Data);
            }
        };
    }

    public string Errors
    {
        get
        {
            lock (_errors)
            {
                return _errors.ToString().Trim();
            }
        }
    }

    public int ExitCode => _process.ExitCode;

    /// <param name="arguments">The verb and what it needs.</param>
    /// <param name="variables">Of the environment.</param>
    /// <param name="handles">So many files may it have open; null: as many as we.</param>
    public static ChildProcess Start(string[] arguments, IReadOnlyDictionary<string, string>? variables = null, int? handles = null)
    {
        string[] program = ["dotnet", typeof(ChildProcess).Assembly.Location, .. arguments];
        string[] command = handles is null ? program : ["sh", "-c", $"ulimit -n {handles} && exec \"$@\"", "sh", .. program];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // What the caller's environment says of a tracker would be another torture.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MLFLOW_") || name.StartsWith("MODELTRACK_")).ToList())
        {
            start.Environment.Remove(name);
        }

        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        foreach (var (name, value) in variables ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        var child = new ChildProcess(Process.Start(start)!);
        child._process.BeginErrorReadLine();
        return child;
    }

    /// <summary>The next line that it says; null when it is gone.</summary>
    public async Task<string?> ReadLineAsync() => await _process.StandardOutput.ReadLineAsync();

    public void Say(string line) => _process.StandardInput.WriteLine(line);

    /// <summary>Its input ends.</summary>
    public void CloseInput() => _process.StandardInput.Close();

    public Task WaitForEndAsync(TimeSpan limit) => _process.WaitForExitAsync().WaitAsync(limit);

    /// <summary>SIGKILL: it does nothing more. False when it was gone before.</summary>
    public async Task<bool> KillAsync()
    {
        var lived = !_process.HasExited;
        _process.Kill();
        await _process.WaitForExitAsync();
        return lived;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }
}
