using Microsoft.Extensions.Logging;

namespace ModelTrack.Client.Tests.Faults;

/// <summary>Keeps what a tracker logs, and lets a test wait for an event.</summary>
internal sealed class EventLog : ILoggerFactory, ILogger
{
    public const int StoreAway = 7;

    private readonly List<(int Id, string Text)> _events = [];
    private readonly List<(int Id, int Count, TaskCompletionSource Came)> _waits = [];

    public string Text
    {
        get
        {
            lock (_events)
            {
                return string.Join('\n', _events.Select(entry => entry.Text));
            }
        }
    }

    /// <summary>Ends when so many events of an id have been logged, counted from the beginning.</summary>
    public Task WaitAsync(int id, int count)
    {
        lock (_events)
        {
            var wait = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waits.Add((id, count, wait));
            Look();
            return wait.Task;
        }
    }

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_events)
        {
            _events.Add((eventId.Id, $"{logLevel}: {formatter(state, exception)} {exception}"));
            Look();
        }
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
        // It writes nowhere else.
    }

    public void Dispose()
    {
        // Nothing is open.
    }

    private void Look()
    {
        foreach (var (id, count, came) in _waits)
        {
            if (_events.Count(entry => entry.Id == id) >= count)
            {
                came.TrySetResult();
            }
        }
    }
}
