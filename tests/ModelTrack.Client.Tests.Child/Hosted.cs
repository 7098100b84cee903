using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using static ModelTrack.Client.Tests.Child.Program;

namespace ModelTrack.Client.Tests.Child;

/// <summary>A training as a service under the generic host, which answers SIGTERM by cancelling a token.</summary>
internal sealed class Hosted(string folder) : BackgroundService
{
    public static int Run(string folder)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddHostedService(_ => new Hosted(folder));
        builder.Build().Run();
        return 0;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var tracker = Open(folder);
        using var run = Start(tracker);
        Say("ready");
        await Task.Delay(Timeout.Infinite, stoppingToken);
    }
}
