namespace ModelTrack.Client.Torture.Writers;

/// <summary>Writer processes that are killed at random moments and started again, until all kills are done; then they end in peace.</summary>
internal sealed class Crowd(WriterPlan plan, int seed)
{
    private static readonly TimeSpan Peace = TimeSpan.FromMinutes(2);

    private readonly Random _random = new(seed);
    private readonly List<string> _faults = [];
    private int _killsLeft;
    private int _alive;

    /// <summary>Of the environment of the writers.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    /// <summary>So many files may each have open; null: as many as we.</summary>
    public int? Handles { get; init; }

    public int Kills { get; private set; }

    /// <summary>Writers that failed by themselves, with their words.</summary>
    public IReadOnlyList<string> Faults => _faults;

    /// <summary>No kills are left.</summary>
    public bool IsOver => Volatile.Read(ref _killsLeft) <= 0;

    /// <param name="processes">How many there are at a time.</param>
    /// <param name="kills">How many are killed, in all.</param>
    /// <param name="life">How long one lives, on average.</param>
    /// <param name="rest">Ends when the last lives may end.</param>
    public async Task RunAsync(int processes, int kills, TimeSpan life, Task rest)
    {
        _killsLeft = kills;
        _alive = processes;
        await Task.WhenAll(Enumerable.Range(0, processes).Select(writer => Task.Run(() => KeepAliveAsync(writer, life, rest))));
    }

    private async Task KeepAliveAsync(int writer, TimeSpan life, Task rest)
    {
        for (var number = 0; ; number++)
        {
            using var child = ChildProcess.Start((plan with { Writer = writer, Life = number, Seed = Next() }).ToArguments(), Variables, Handles);
            var dies = Interlocked.Decrement(ref _killsLeft) >= 0;
            if (!dies)
            {
                await EndInPeaceAsync(child, rest);
                return;
            }

            // Some die while they start.
            var isReady = Double() < 0.1 ? Task.CompletedTask : child.ReadLineAsync();
            await Task.WhenAny(isReady, Task.Delay(TimeSpan.FromSeconds(10)));
            await Task.Delay(Double() * 2 * life);
            if (await child.KillAsync())
            {
                lock (_faults)
                {
                    Kills++;
                }
            }
            else
            {
                AddFault(child);
            }
        }
    }

    private async Task EndInPeaceAsync(ChildProcess child, Task rest)
    {
        await Task.WhenAny(child.ReadLineAsync(), Task.Delay(TimeSpan.FromSeconds(10)));
        Interlocked.Decrement(ref _alive);
        await rest;
        while (Volatile.Read(ref _alive) > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20));
        }

        child.CloseInput();
        await child.WaitForEndAsync(Peace);
        if (child.ExitCode != 0)
        {
            AddFault(child);
        }
    }

    private void AddFault(ChildProcess child)
    {
        lock (_faults)
        {
            _faults.Add($"a writer ended with exit code {child.ExitCode}: {child.Errors}");
        }
    }

    private int Next()
    {
        lock (_random)
        {
#pragma warning disable CA5394 // A seed must lead to the same numbers again.
            return _random.Next();
        }
    }

    private double Double()
    {
        lock (_random)
        {
            return _random.NextDouble();
#pragma warning restore CA5394
        }
    }
}
