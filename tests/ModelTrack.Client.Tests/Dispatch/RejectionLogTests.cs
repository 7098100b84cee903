using ModelTrack.Client.Backends;
using ModelTrack.Client.Dispatch;
using ModelTrack.Client.Journal;

namespace ModelTrack.Client.Tests.Dispatch;

internal sealed class RejectionLogTests
{
    [Test]
    public void A_refused_file_is_kept_although_the_journal_is_in_memory()
    {
        var log = new ListLogger();
        string kept;
        using (var stage = new ArtifactStage(null, 1000, TimeSpan.Zero, TimeProvider.System))
        {
            using var content = new MemoryStream("text"u8.ToArray());
            var artifact = new ArtifactRecord("plots/a.txt", stage.Add(content));
            var rejection = new Rejection("r", "artifact", artifact.Path, artifact.StagedName, "no");

            new RejectionLog(null, log).KeepOrRemove(artifact, stage, [rejection]);
            Assert.That(stage.PathOf(artifact.StagedName), Does.Not.Exist);
            kept = log.Warnings.Single().Split(" is kept as ")[1];
        }

        try
        {
            Assert.That(File.ReadAllText(kept), Is.EqualTo("text"));
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(kept)!, recursive: true);
        }
    }

    [Test]
    public void A_stored_file_goes()
    {
        var log = new ListLogger();
        using var stage = new ArtifactStage(null, 1000, TimeSpan.Zero, TimeProvider.System);
        using var content = new MemoryStream("text"u8.ToArray());
        var artifact = new ArtifactRecord("a.txt", stage.Add(content));

        new RejectionLog(null, log).KeepOrRemove(artifact, stage, []);

        Assert.That(stage.PathOf(artifact.StagedName), Does.Not.Exist);
        Assert.That(log.Warnings, Is.Empty);
    }
}
