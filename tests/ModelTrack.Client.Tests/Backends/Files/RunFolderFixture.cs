using System.Text;
using ModelTrack.Client.Backends;
using ModelTrack.Client.Backends.Files;

namespace ModelTrack.Client.Tests.Backends.Files;

/// <summary>A run's folder of its own, a guard that needs no <c>meta.yaml</c>, and what is in the files.</summary>
internal sealed class RunFolderFixture : IRunGuard, IDisposable
{
    private readonly SemaphoreSlim _lock = new(1);

    public RunFolderFixture()
    {
        Directory.CreateDirectory(Path + "/metrics");
        Directory.CreateDirectory(Path + "/params");
        Directory.CreateDirectory(Path + "/artifacts");
    }

    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), "modeltrack-tests-" + Guid.NewGuid().ToString("N"));

    public bool IsRunDeleted { get; set; }

    public string? Name { get; private set; }

    public StatusRecord? Status { get; private set; }

    public static RunBatch Batch() => new() { RunId = "0123456789abcdef0123456789abcdef" };

    public IReadOnlyList<RecordRefusal> Write(RunBatch batch) => new RunFolderWriter(this).Write(Path, batch, CancellationToken.None);

    public string Read(string file) => File.ReadAllText(Path + "/" + file);

    public bool Has(string file) => File.Exists(Path + "/" + file);

    public void Put(string file, string content) => File.WriteAllBytes(Path + "/" + file, Encoding.UTF8.GetBytes(content));

    /// <summary>As Python does it: open, one write at the end, close.</summary>
    public void AppendAsMLflow(string file, string line)
    {
        using var handle = AppendFile.TryOpen(Path + "/" + file)!;
        AppendFile.Append(handle, Encoding.UTF8.GetBytes(line), file);
    }

    public string[] FilesBeside() => [.. Directory.GetFiles(Path).Select(f => System.IO.Path.GetFileName(f)!)];

    public IDisposable Lock(string runFolder, CancellationToken cancellationToken)
    {
        _lock.Wait(cancellationToken);
        return new Release(_lock);
    }

    public bool IsDeleted(string runFolder, CancellationToken cancellationToken) => IsRunDeleted;

    public void SetName(string runFolder, string name, CancellationToken cancellationToken) => Name = name;

    public void SetStatus(string runFolder, StatusRecord status, CancellationToken cancellationToken) => Status = status;

    public void Dispose()
    {
        Directory.Delete(Path, recursive: true);
        _lock.Dispose();
    }

    private sealed class Release(SemaphoreSlim held) : IDisposable
    {
        public void Dispose() => held.Release();
    }
}
