using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using ModelTrack.Client.Backends.Files;
using ModelTrack.Client.Fakes;

namespace ModelTrack.Client.Tests.Sync;

/// <summary>A file that cannot be read is named, and keeps nothing else back.</summary>
internal sealed class ArtifactSyncTests
{
    private SyncStand _stand = null!;
    private FailingBackend _failing = null!;
    private Tracker _source = null!;
    private Tracker _target = null!;

    private static IEnumerable<Exception> Faults =>
    [
        new IOException("The disk is bad here."),
        new FileNotFoundException("It is gone."),
        new UnauthorizedAccessException("It is somebody else's."),
        new ModelTrackException(ErrorCode.InternalError, "The name is not ASCII.")
        {
            StatusCode = System.Net.HttpStatusCode.InternalServerError,
            IsTransient = true,
        },
    ];

    [SetUp]
    public void MakeStand()
    {
        _stand = new SyncStand();
        _failing = new FailingBackend(
            new FileBackend(_stand.Scratch["source"], FolderAddressing.PlainPath, TimeProvider.System, NullLogger.Instance));
        _source = _stand.Open(_stand.Scratch["source"], _ => _failing);
        _target = _stand.OpenFolder("target");
    }

    [TearDown]
    public void RemoveStand()
    {
        _source.Dispose();
        _target.Dispose();
        _failing.Dispose();
        _stand.Dispose();
    }

    private async Task<string> LogAsync(params (string Path, string Text)[] files)
    {
        using var run = _source.StartRun("a run", "trees");
        run.LogMetric("loss", 1);
        foreach (var (path, text) in files)
        {
            run.LogText(path, text);
        }

        await run.EndAsync(RunStatus.Failed);
        return run.Id;
    }

    private async Task<RunSnapshot> CopyAsync()
    {
        await foreach (var run in _target.Runs.SearchAsync("trees"))
        {
            return run;
        }

        throw new AssertionException("There is no copy.");
    }

    [TestCaseSource(nameof(Faults))]
    public async Task A_file_that_cannot_be_read_is_named_the_run_gets_its_end_and_the_next_sync_tries_again(Exception fault)
    {
        await LogAsync(("a.txt", "first"), ("bad.txt", "second"), ("c/d.txt", "third"));
        _failing.ArtifactFault = path => path == "bad.txt" ? fault : null;

        var first = (await _target.SyncFromAsync(_source)).Runs.Single();
        var copy = await CopyAsync();
        _failing.ArtifactFault = _ => null;
        var second = await _target.SyncFromAsync(_source);

        Assert.That(first.Outcome, Is.EqualTo(SyncOutcome.Failed));
        Assert.That(first.Failure, Does.Contain("bad.txt").And.Contains(fault.Message));
        Assert.That(first.Copied.Artifacts, Is.EqualTo(2));
        Assert.That(copy.Status, Is.EqualTo(RunStatus.Failed));
        Assert.That(second.IsComplete);
        Assert.That(second.Copied, Is.EqualTo(new SyncCounts { Artifacts = 1, ArtifactBytes = 6 }));
        Assert.That(await StoreText.OfAsync(_target, withHashes: true), Is.EqualTo(await StoreText.OfAsync(_source, withHashes: true)));
    }

    [Test]
    public async Task A_file_that_could_not_be_brought_up_to_date_before_the_run_was_closed_follows_later()
    {
        using (var run = _source.StartRun("a run", "trees"))
        {
            run.LogText("log.txt", "one");
            await _source.FlushAsync();
            await _target.SyncFromAsync(_source);
            run.LogText("log.txt", "one and two");
            await run.EndAsync();
        }

        _failing.ArtifactFault = _ => new IOException("The disk is bad here.");
        var second = (await _target.SyncFromAsync(_source)).Runs.Single();
        var copy = await CopyAsync();
        _failing.ArtifactFault = _ => null;
        var third = await _target.SyncFromAsync(_source);
        var fourth = await _target.SyncFromAsync(_source);

        Assert.That((second.Outcome, copy.Status), Is.EqualTo((SyncOutcome.Failed, RunStatus.Finished)));
        Assert.That(third.IsComplete);
        Assert.That(third.Copied.Artifacts, Is.EqualTo(1));
        Assert.That(fourth.Items.Select(item => item.Outcome), Is.All.EqualTo(SyncOutcome.Unchanged));
        Assert.That(await StoreText.OfAsync(_target, withHashes: true), Is.EqualTo(await StoreText.OfAsync(_source, withHashes: true)));
    }

    /// <summary>As MLflow 3.11 does, which cannot send a file whose name is not ASCII.</summary>
    [Test]
    public async Task Names_that_a_server_cannot_send_fail_alone_in_every_run()
    {
        await using var fake = await FakeServer.StartAsync(new FakeServerOptions());
        var server = _stand.Open(fake.Url.AbsoluteUri);
        for (var i = 0; i < 8; i++)
        {
            using var run = server.StartRun($"run-{i}", "trees");
            run.LogText("größe.txt", "cannot be sent").LogText("size.txt", "can be");
        }

        await server.FlushAsync();
        var report = await _target.SyncFromAsync(server);

        Assert.That(report.Runs.Select(run => (run.Outcome, run.Copied.Artifacts)), Is.All.EqualTo((SyncOutcome.Failed, 1L)));
        Assert.That(report.Runs.Count(), Is.EqualTo(8));
        Assert.That((await CopyAsync()).Status, Is.EqualTo(RunStatus.Finished));
    }

    [Test]
    public async Task A_name_that_must_not_be_written_is_left_out_and_named()
    {
        await using var fake = await FakeServer.StartAsync(new FakeServerOptions());
        var server = _stand.Open(fake.Url.AbsoluteUri);
        using (var run = server.StartRun("a run", "trees"))
        {
            run.LogText("good.txt", "good");
        }

        await server.FlushAsync();
        fake.Interceptor = async context =>
        {
            if (!context.Request.Path.Value!.EndsWith("/artifacts/list", StringComparison.Ordinal))
            {
                return false;
            }

            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(
                """
                {"root_uri":"x","files":[
                    {"path":"../evil.txt","is_dir":false,"file_size":4},
                    {"path":"good.txt","is_dir":false,"file_size":4}]}
                """);
            return true;
        };

        var run1 = (await _target.SyncFromAsync(server)).Runs.Single();

        Assert.That(run1.Outcome, Is.EqualTo(SyncOutcome.Failed));
        Assert.That(run1.Failure, Does.Contain("evil.txt"));
        Assert.That(run1.Copied.Artifacts, Is.EqualTo(1));
        Assert.That((await CopyAsync()).Status, Is.EqualTo(RunStatus.Finished));
    }
}
