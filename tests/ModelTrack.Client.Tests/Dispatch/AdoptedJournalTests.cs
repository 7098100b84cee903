using Microsoft.Extensions.Logging.Abstractions;
using ModelTrack.Client.Dispatch;
using ModelTrack.Client.Journal;
using ModelTrack.Client.Tests.Journal;

namespace ModelTrack.Client.Tests.Dispatch;

internal sealed class AdoptedJournalTests
{
    /// <summary>The dispatcher may be quicker than the thread that wakes it. What it saw under way then it would not look at again.</summary>
    [Test]
    public async Task Who_is_woken_by_its_end_sees_that_it_is_over()
    {
        using var kit = new JournalKit();
        using var backend = new HookedBackend(kit.Clock);
        using (var left = kit.Open())
        {
            JournalKit.Log(left, kit.OpenRun(left), 1);
        }

        var opener = new RunOpener(backend, new ExperimentResolver(backend), kit.Clock, NullLogger.Instance, CancellationToken.None);
        var models = new ModelPublisher(backend, () => throw new NotSupportedException(), NullLogger.Instance);
        var context = new DeliveryContext(
            backend, opener, models, new SendSlots(1, kit.Clock), new RejectionLog(null, NullLogger.Instance), kit.Clock, NullLogger.Instance, () => { });
        var journal = kit.AdoptOne();
        var adopted = new AdoptedJournal(
            journal, new JournalDrain(journal.Log, ArtifactStage.Of(journal.Log.Files!, kit.Clock), context, LateAnswer.OfTheDead()));
        var seen = new TaskCompletionSource<bool>();
        while (!seen.Task.IsCompleted)
        {
            Step(() => seen.TrySetResult(Step(() => { })));
        }

        Assert.That(await seen.Task, Is.True);

        bool Step(Action completed) => adopted.Step(backend, kit.Clock, NullLogger.Instance, completed, CancellationToken.None).Finished;
    }
}
