using Microsoft.Extensions.Time.Testing;
using ModelTrack.Client.Backends.Files;

namespace ModelTrack.Client.Tests.Backends.Files;

internal sealed class LockFileTests
{
    private string _path = "";

    [SetUp]
    public void MakePath() => _path = Path.Combine(Path.GetTempPath(), "modeltrack-lock-" + Guid.NewGuid().ToString("N"));

    [TearDown]
    public void RemoveFile() => File.Delete(_path);

    [Test]
    public async Task One_at_a_time_holds_it_and_nothing_stays()
    {
        var inside = 0;
        var most = 0;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 50; i++)
            {
                using var held = LockFile.Acquire(_path, TimeProvider.System, default);
                most = Math.Max(most, Interlocked.Increment(ref inside));
                Interlocked.Decrement(ref inside);
            }
        })));

        Assert.That(most, Is.EqualTo(1));
        Assert.That(File.Exists(_path), Is.False);
    }

    [Test]
    public void A_file_that_a_killed_process_left_is_no_lock()
    {
        File.WriteAllText(_path, "");

        using var held = LockFile.Acquire(_path, TimeProvider.System, default);

        Assert.That(File.Exists(_path));
    }

    [Test]
    public void A_lock_that_stays_held_is_an_IOException_that_names_it()
    {
        var clock = new FakeTimeProvider { AutoAdvanceAmount = TimeSpan.FromSeconds(20) };
        using var held = LockFile.Acquire(_path, TimeProvider.System, default);
        var waiting = Task.Run(() => LockFile.Acquire(_path, clock, default));
        while (!waiting.IsCompleted)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            Thread.Yield();
        }

        Assert.That(async () => await waiting, Throws.TypeOf<IOException>().With.Message.Contains(_path));
    }

    [Test]
    public void A_wait_can_be_cancelled()
    {
        using var held = LockFile.Acquire(_path, TimeProvider.System, default);
        using var cancelled = new CancellationTokenSource();
        var waiting = Task.Run(() => LockFile.Acquire(_path, TimeProvider.System, cancelled.Token));

        cancelled.Cancel();

        Assert.That(async () => await waiting, Throws.InstanceOf<OperationCanceledException>());
    }
}
