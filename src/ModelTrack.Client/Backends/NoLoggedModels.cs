namespace ModelTrack.Client.Backends;

/// <summary>For stores that keep no logged models.</summary>
internal sealed class NoLoggedModels : ILoggedModels
{
    public ValueTask<LoggedModelPlace?> FindAsync(string modelId, CancellationToken cancellationToken) => new((LoggedModelPlace?)null);

    public ValueTask<LoggedModelPlace?> FindOfRunAsync(RunSnapshot run, string name, CancellationToken cancellationToken)
        => new((LoggedModelPlace?)null);

    public ValueTask<LoggedModelRecords?> ReadAsync(string modelId, CancellationToken cancellationToken) => new((LoggedModelRecords?)null);

    public ValueTask NoteVersionAsync(string modelId, string registeredName, int version, CancellationToken cancellationToken) => default;
}
