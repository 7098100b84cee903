namespace ModelTrack.Client.Backends;

/// <summary>The logged models of a tracking store, as far as the registry has to know them. A store older than MLflow 3 has none.</summary>
internal interface ILoggedModels
{
    /// <summary>Null when there is no such model.</summary>
    ValueTask<LoggedModelPlace?> FindAsync(string modelId, CancellationToken cancellationToken);

    /// <summary>The model of that name that a run logged, at its latest step if there are several; null when there is none.</summary>
    ValueTask<LoggedModelPlace?> FindOfRunAsync(RunSnapshot run, string name, CancellationToken cancellationToken);

    /// <summary>What was logged of a model itself; null when there is no such model.</summary>
    ValueTask<LoggedModelRecords?> ReadAsync(string modelId, CancellationToken cancellationToken);

    /// <summary>Notes on the logged model that it is a version of a registered one, where nobody else does.</summary>
    ValueTask NoteVersionAsync(string modelId, string registeredName, int version, CancellationToken cancellationToken);
}
