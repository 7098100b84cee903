using System.Collections.Concurrent;
using ModelTrack.Client.Backends.Files;
using ModelTrack.Client.Locking;

namespace ModelTrack.Client;

/// <summary>
/// One sync at a time for a target, since two that find no copy of a run would both make one: within the process, and for a folder also
/// among the processes that see it. What a server gets from several processes nobody here can tell.
/// </summary>
internal sealed class SyncTurn : IDisposable
{
    /// <summary>A plain file, which MLflow does not look at. There while a sync is, or since one was killed.</summary>
    private const string FileName = ".modeltrack-sync.lock";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private static readonly ConcurrentDictionary<object, SemaphoreSlim> Gates = new();

    private readonly SemaphoreSlim _gate;
    private FileStream? _file;

    private SyncTurn(SemaphoreSlim gate) => _gate = gate;

    /// <summary>Waits for it; dispose it at the end.</summary>
    /// <param name="target">What is written to: its destination, or an object that stands for it.</param>
    /// <param name="folder">The folder that it is; null: none.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<SyncTurn> WaitAsync(object target, string? folder, TimeProvider clock, CancellationToken cancellationToken)
    {
        var gate = Gates.GetOrAdd(target, _ => new SemaphoreSlim(1));
        await gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        var turn = new SyncTurn(gate);
        try
        {
            while (folder is not null)
            {
                turn._file = ExclusiveFile.TryOpen(Path.Combine(folder, FileName), FileMode.OpenOrCreate);
                if (turn._file is not null)
                {
                    break;
                }

                await Task.Delay(Pause, clock, cancellationToken).ConfigureAwait(false);
            }

            return turn;
        }
        catch
        {
            turn.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        if (_file is { } file)
        {
            AtomicFile.TryDelete(file.Name);
            file.Dispose();
        }

        _gate.Release();
    }
}
