using System.Diagnostics;
using ModelTrack.Client.Torture.Checking;

namespace ModelTrack.Client.Tests.Torture;

/// <summary>The torture itself, as short as it can be; <c>.ci/run</c> has more of it, and its README tells how long it can be.</summary>
[Platform("Linux,MacOsX")]
internal sealed class TortureTests
{
    [Test]
    public async Task Ten_kills_and_two_outages_lose_and_double_nothing()
    {
        using var process = Process.Start(new ProcessStartInfo(
            "dotnet",
            [typeof(Checker).Assembly.Location, "--scenario", "sql", "--kills", "28", "--outages", "4", "--writers", "8"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var said = await process.StandardOutput.ReadToEndAsync() + await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        TestContext.Out.WriteLine(said);
        Assert.That(process.ExitCode, Is.Zero, said);
        Assert.That(said, Does.Contain("lost 0, doubled 0").And.Contain("10 kills, 2 outages"));
    }
}
