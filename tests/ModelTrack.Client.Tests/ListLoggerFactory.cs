using Microsoft.Extensions.Logging;

namespace ModelTrack.Client.Tests;

/// <summary>Gives one logger to everybody.</summary>
internal sealed class ListLoggerFactory(ILogger logger) : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName) => logger;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public void Dispose()
    {
    }
}
