using Microsoft.Extensions.Logging.Abstractions;
using ModelTrack.Client.Backends;
using ModelTrack.Client.Backends.Memory;
using ModelTrack.Client.Backends.Rest;
using ModelTrack.Client.Tests.Backends.Rest;

namespace ModelTrack.Client.Tests.Registry;

/// <summary>The wait for a version that a registry has still to make.</summary>
internal sealed class WaitTests
{
    [Test]
    public async Task A_registration_waits_until_the_version_is_ready()
    {
        var looks = 0;
        using var server = new ScriptedServer(
            request => Answer(request, request.Call == "model-versions/get" && ++looks == 3 ? "READY" : "PENDING_REGISTRATION"));
        var version = await Do(server, registry => registry.RegisterModelAsync("cancer", "s3://b/m"));
        Assert.That(version.Status, Is.EqualTo(ModelVersionStatus.Ready));
        Assert.That(server.Clock.Pauses, Is.EqualTo([
            TimeSpan.FromSeconds(0.25), TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(1)]));
    }

    [Test]
    public void The_wait_has_an_end()
    {
        using var server = new ScriptedServer(request => Answer(request, "PENDING_REGISTRATION"));
        var error = Assert.ThrowsAsync<TimeoutException>(
            () => Do(server, registry => registry.RegisterModelAsync("cancer", "s3://b/m", timeout: TimeSpan.FromSeconds(10))));
        Assert.That(error!.Message, Does.Contain("Version 1 of 'cancer'").And.Contain("10 s").And.Contain("the reason"));
        var waited = server.Clock.Pauses.Sum(pause => pause.TotalSeconds);
        Assert.That(waited, Is.EqualTo(10).Within(1));
    }

    [Test]
    public async Task Without_a_wait_the_version_may_be_pending()
    {
        using var server = new ScriptedServer(request => Answer(request, "PENDING_REGISTRATION"));
        var version = await Do(server, registry => registry.RegisterModelAsync("cancer", "s3://b/m", timeout: TimeSpan.Zero));
        Assert.That(version.Status, Is.EqualTo(ModelVersionStatus.PendingRegistration));
        Assert.ThrowsAsync<TimeoutException>(() => Do(server, registry => registry.WaitUntilReadyAsync("cancer", 1, TimeSpan.Zero)));
    }

    [Test]
    public void A_failed_registration_is_an_error_with_the_registrys_reason()
    {
        using var server = new ScriptedServer(request => Answer(request, "FAILED_REGISTRATION"));
        foreach (var call in new Func<RegistryClient, Task<ModelVersion>>[]
        {
            registry => registry.RegisterModelAsync("cancer", "s3://b/m"),
            registry => registry.WaitUntilReadyAsync("cancer", 1),
        })
        {
            var error = Assert.ThrowsAsync<ModelTrackException>(() => Do(server, call));
            Assert.That(error!.ErrorCode, Is.EqualTo(ErrorCode.InvalidState));
            Assert.That(error.Message, Does.Contain("version 1 of 'cancer'").And.Contain("s3://b/m").And.Contain("the reason"));
        }
    }

    [Test]
    public void A_wait_can_be_cancelled()
    {
        using var server = new ScriptedServer(request => Answer(request, "PENDING_REGISTRATION"));
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.CatchAsync<OperationCanceledException>(
            () => Do(server, registry => registry.WaitUntilReadyAsync("cancer", 1, cancellationToken: cancelled.Token)));
    }

    private static ScriptedAnswer Answer(ScriptedRequest request, string status) => request.Call switch
    {
        "registered-models/create" => ScriptedAnswer.Ok("""{"registered_model": {"name": "cancer"}}"""),
        _ => ScriptedAnswer.Ok(
            $$$"""
            {"model_version": {"name": "cancer", "version": "1", "source": "s3://b/m",
             "status": "{{{status}}}", "status_message": "the reason"}}
            """),
    };

    private static async Task<T> Do<T>(ScriptedServer server, Func<RegistryClient, Task<T>> call)
    {
        using var sender = server.Sender();
        using var tracking = new MemoryBackend(server.Clock);
        using var registry = new RestModelRegistry(sender);
        var resolver = new ModelSourceResolver(tracking, new NoLoggedModels(), registry, NullLogger.Instance);
        return await call(new RegistryClient(registry, resolver, server.Clock, []));
    }
}
