using Microsoft.Extensions.Time.Testing;
using ModelTrack.Client.Backends.Files;

namespace ModelTrack.Client.Tests.Backends.Files;

internal sealed class FolderLockTests
{
    private ScratchFolder _folder = null!;

    private string LockPath => _folder.Path + "/.modeltrack.lock";

    [SetUp]
    public void MakeFolder() => _folder = new ScratchFolder();

    [TearDown]
    public void RemoveFolder() => _folder.Dispose();

    [Test]
    public async Task One_at_a_time_holds_it_and_nothing_stays()
    {
        var inside = 0;
        var most = 0;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 50; i++)
            {
                using var held = FolderLock.Acquire(_folder.Path, TimeProvider.System, default);
                most = Math.Max(most, Interlocked.Increment(ref inside));
                Interlocked.Decrement(ref inside);
            }
        })));

        Assert.That(most, Is.EqualTo(1));
        Assert.That(File.Exists(LockPath), Is.False);
    }

    [Test]
    public void A_file_that_a_killed_process_left_is_no_lock()
    {
        File.WriteAllText(LockPath, "");

        using var held = FolderLock.Acquire(_folder.Path, TimeProvider.System, default);

        Assert.That(File.Exists(LockPath));
    }

    [Test]
    public void A_lock_that_stays_held_is_an_IOException_that_names_it()
    {
        var clock = new FakeTimeProvider { AutoAdvanceAmount = TimeSpan.FromSeconds(20) };
        using var held = FolderLock.Acquire(_folder.Path, TimeProvider.System, default);
        var waiting = Task.Run(() => FolderLock.Acquire(_folder.Path, clock, default));
        while (!waiting.IsCompleted)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            Thread.Yield();
        }

        Assert.That(async () => await waiting, Throws.TypeOf<IOException>().With.Message.Contains(LockPath));
    }

    [Test]
    public void A_wait_can_be_cancelled()
    {
        using var held = FolderLock.Acquire(_folder.Path, TimeProvider.System, default);
        using var cancelled = new CancellationTokenSource();
        var waiting = Task.Run(() => FolderLock.Acquire(_folder.Path, TimeProvider.System, cancelled.Token));

        cancelled.Cancel();

        Assert.That(async () => await waiting, Throws.InstanceOf<OperationCanceledException>());
    }
}
