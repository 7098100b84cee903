using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace ModelTrack.Client.Tests.Lifetime;

/// <summary>A program of ModelTrack.Client.Tests.Child. Whatever happens, it is gone after the test.</summary>
internal sealed partial class ChildProcess : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

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

    public int ExitCode => _process.ExitCode;

    public bool HasEnded => _process.HasExited;

    private string Errors
    {
        get
        {
            lock (_errors)
            {
                return _errors.ToString();
            }
        }
    }

    public static ChildProcess Start(string scenario, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(Program());
        start.ArgumentList.Add(scenario);
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var variable in start.Environment.Keys.Where(key => key.StartsWith("MLFLOW_", StringComparison.Ordinal) || key.StartsWith("MODELTRACK_", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(variable);
        }

        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        start.Environment["DOTNET_TieredPGO"] = "0";
        var child = new ChildProcess(new Process { StartInfo = start });
        child._process.Start();
        child._process.BeginErrorReadLine();
        return child;
    }

    /// <summary>The rest of the next line that begins with a word.</summary>
    public string WaitFor(string word)
    {
        using var over = new CancellationTokenSource(Limit);
        try
        {
            while (_process.StandardOutput.ReadLineAsync(over.Token).AsTask().GetAwaiter().GetResult() is { } line)
            {
                if (line.StartsWith(word, StringComparison.Ordinal))
                {
                    return line[word.Length..].Trim();
                }
            }
        }
        catch (OperationCanceledException)
        {
            throw new AssertionException($"The child did not say '{word}' in time. {Errors}");
        }

        throw new AssertionException($"The child ended without saying '{word}'. {Errors}");
    }

    public void Say(string line) => _process.StandardInput.WriteLine(line);

    public ChildProcess WaitForEnd()
    {
        Assert.That(_process.WaitForExit(Limit), $"The child did not end in time. {Errors}");
        return this;
    }

    public void Signal(int number) => Assert.That(Send(_process.Id, number), Is.Zero);

    /// <summary>SIGSTOP: the process stands still, with all that it holds, until <see cref="Resume"/>.</summary>
    public void Suspend() => Signal(OperatingSystem.IsMacOS() ? 17 : 19);

    public void Resume() => Signal(OperatingSystem.IsMacOS() ? 19 : 18);

    /// <summary>SIGKILL: the process does nothing more.</summary>
    public void Kill()
    {
        _process.Kill();
        WaitForEnd();
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

    /// <summary>The child is built beside the tests, with the same configuration.</summary>
    private static string Program()
    {
        const string tests = "ModelTrack.Client.Tests";
        var folder = new DirectoryInfo(TestContext.CurrentContext.TestDirectory);
        Assert.That(folder.Parent?.Name, Is.EqualTo(tests));
        return Path.Combine(folder.Parent!.Parent!.FullName, tests + ".Child", folder.Name, tests + ".Child.dll");
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Send(int processId, int signal);
}
