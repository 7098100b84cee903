using ModelTrack.Client.Backends.Files;

namespace ModelTrack.Client.Tests.Backends.Files;

internal sealed class MetricLookTests
{
    [Test]
    public void A_line_that_is_just_being_written_is_not_torn()
    {
        using var folder = new ScratchFolder();
        var file = folder.Write("loss", "1700000000000 1.0 0\n17000000000");

        var plan = MetricLook.First(file, atOpenEnd: () => File.AppendAllText(file, "01 0.5 1\n"));

        Assert.That(plan, Is.EqualTo(new AppendPlan(AppendStep.Append, new FileInfo(file).Length)));
    }

    [Test]
    public void A_line_that_stays_without_an_end_is_torn()
    {
        using var folder = new ScratchFolder();
        var file = folder.Write("loss", "1700000000000 1.0 0\n17000000000");

        Assert.That(MetricLook.First(file).Step, Is.EqualTo(AppendStep.Rewrite));
    }
}
