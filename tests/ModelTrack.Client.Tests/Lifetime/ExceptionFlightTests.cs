namespace ModelTrack.Client.Tests.Lifetime;

/// <summary>
/// Which exceptions pass through a run's block, and which were caught in it before it ended. A gate that opens on the test's own thread has
/// each async method go on where it does in a program: inside the `catch` block of the call that it awaited.
/// </summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ExceptionFlightTests : IDisposable
{
    private readonly Tracker _tracker = Tracker.InMemory();
    private readonly TaskCompletionSource _gate = new();
    private Run _run = null!;

    public void Dispose() => _tracker.Dispose();

    [Test]
    public Task Caught_by_a_method_and_then_the_end() => FinishesAsync(async () =>
    {
        using var run = Start();
        try
        {
            Throw("boom");
        }
        catch (InvalidOperationException)
        {
            await Task.Yield();
        }
    });

    [Test]
    public Task An_awaited_call_that_failed_and_was_caught() => FinishesAsync(async () =>
    {
        using var run = Start();
        await CatchAsync(FailAsync());
    });

    [Test]
    public Task An_awaited_call_that_failed_and_was_caught_in_the_method_itself() => FinishesAsync(async () =>
    {
        var run = Start();
        try
        {
            await FailAsync().ConfigureAwait(false);
        }
        catch (InvalidOperationException)
        {
            // Done without.
        }

        run.Dispose();
    });

    [Test]
    public Task An_awaited_call_of_a_call_that_failed_and_was_caught() => FinishesAsync(async () =>
    {
        using var run = Start();
        try
        {
            await PassOnAsync();
        }
        catch (InvalidOperationException)
        {
            // Done without.
        }
    });

    [Test]
    public Task An_awaited_value_task_that_failed_and_was_caught_many_exceptions_ago() => FinishesAsync(async () =>
    {
        using var run = Start();
        try
        {
            await FailValueAsync();
        }
        catch (InvalidOperationException)
        {
            // Done without.
        }

        for (var i = 0; i < 100; i++)
        {
            Assert.That(() => Throw("later"), Throws.InvalidOperationException);
        }
    });

    [Test]
    public Task A_failed_task_that_nobody_threw_again() => FinishesAsync(async () =>
    {
        using var run = Start();
        await Task.WhenAny(FailAsync());
    });

    [Test]
    public Task A_continuation_that_runs_in_the_catch_block_of_the_task_before() => FinishesAsync(
        () => FailAsync().ContinueWith(_ => Start().Dispose(), TaskContinuationOptions.ExecuteSynchronously));

    [Test]
    public Task A_task_completed_from_a_catch_block_of_somebody_else() => FinishesAsync(async () =>
    {
        var source = new TaskCompletionSource();
        var waiting = WaitAsync();
        try
        {
            Throw("not of the run");
        }
        catch (InvalidOperationException)
        {
            source.SetResult();
        }

        await waiting;

        async Task WaitAsync()
        {
            using var run = Start();
            await source.Task;
        }
    });

    [Test]
    public Task A_tracker_that_is_disposed_after_a_caught_exception() => FinishesAsync(
        async () =>
        {
            Start();
            await CatchAsync(FailAsync());
            _tracker.Dispose();
        },
        flushes: false);

    [Test]
    public Task Thrown_by_the_block_after_it_caught_another() => FailsAsync("second", async () =>
    {
        using var run = Start();
        await CatchAsync(FailAsync());
        Throw("second");
    });

    [Test]
    public Task Thrown_by_an_awaited_call() => FailsAsync("boom", async () =>
    {
        using var run = Start();
        await PassOnAsync().ConfigureAwait(false);
    });

    [Test]
    public Task Thrown_by_an_awaited_value_task() => FailsAsync("boom", async () =>
    {
        using var run = Start();
        await FailValueAsync();
    });

    [Test]
    public Task Thrown_again_by_the_block_that_caught_it() => FailsAsync("boom", async () =>
    {
        using var run = Start();
        try
        {
            await FailAsync();
        }
        catch (InvalidOperationException)
        {
            await Task.Yield();
            throw;
        }
    });

    [Test]
    public Task Thrown_before_the_first_await() => FailsAsync("boom", async () =>
    {
        using var run = Start();
        Throw("boom");
        await _gate.Task;
    });

    [Test]
    public Task Ended_by_something_that_the_block_disposes() => FailsAsync("boom", async () =>
    {
        using var owner = new Owner(Start());
        await FailAsync();
    });

    private async Task FinishesAsync(Func<Task> code, bool flushes = true)
    {
        await OpenGateOn(code());
        await AssertEndAsync(RunStatus.Finished, null, flushes);
    }

    private async Task FailsAsync(string message, Func<Task> code)
    {
        Assert.That(() => OpenGateOn(code()), Throws.InvalidOperationException);
        await AssertEndAsync(RunStatus.Failed, message, flushes: true);
    }

    private Task OpenGateOn(Task code)
    {
        _gate.SetResult();
        return code;
    }

    private async Task AssertEndAsync(RunStatus status, string? message, bool flushes)
    {
        if (flushes)
        {
            await _tracker.FlushAsync();
        }

        var stored = await _tracker.Runs.GetAsync(_run.Id);
        Assert.That((stored.Status, stored.Tags.GetValueOrDefault("exception.message")), Is.EqualTo((status, message)));
    }

    private Run Start() => _run = _tracker.StartRun();

    private async Task FailAsync()
    {
        await _gate.Task;
        Throw("boom");
    }

    private async ValueTask FailValueAsync() => await FailAsync();

    private async Task PassOnAsync() => await FailAsync();

    private static async Task CatchAsync(Task task)
    {
        try
        {
            await task;
        }
        catch (InvalidOperationException)
        {
            // Done without.
        }
    }

    private static void Throw(string message) => throw new InvalidOperationException(message);

    private sealed class Owner(Run run) : IDisposable
    {
        public void Dispose() => run.Dispose();
    }
}
