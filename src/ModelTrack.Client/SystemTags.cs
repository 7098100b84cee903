namespace ModelTrack.Client;

/// <summary>The tags that MLflow and this client give a meaning to.</summary>
internal static class SystemTags
{
    public const string RunName = "mlflow.runName";

    public const string ParentRunId = "mlflow.parentRunId";

    /// <summary>The description, as Markdown.</summary>
    public const string Note = "mlflow.note.content";

    public const string User = "mlflow.user";

    public const string SourceName = "mlflow.source.name";

    public const string SourceType = "mlflow.source.type";

    public const string GitCommit = "mlflow.source.git.commit";

    public const string GitBranch = "mlflow.source.git.branch";

    public const string GitRepoUrl = "mlflow.source.git.repoURL";

    /// <summary>Where the UI finds the run's tables; see <see cref="LoggedArtifactsTag"/>.</summary>
    public const string LoggedArtifacts = "mlflow.loggedArtifacts";

    /// <summary>Says that the run has pictures of steps; see <see cref="ImageName"/>.</summary>
    public const string LoggedImages = "mlflow.loggedImages";

    /// <summary>JSON, a list of what is in the manifests; the UI of MLflow 2 finds a run's models by it.</summary>
    public const string ModelHistory = "mlflow.log-model.history";

    /// <summary>A data set's tag: what the run used it for, <c>training</c> say.</summary>
    public const string DataContext = "mlflow.data.context";

    /// <summary>New for every start or resumption of a run by this client; see <see cref="Journal.RunDefinition.Session"/>.</summary>
    public const string Session = "modeltrack.session";

    /// <summary>See <see cref="Journal.RunDefinition.Key"/>.</summary>
    public const string RunKey = "modeltrack.run";

    /// <summary>A model's and its versions' tag; see <see cref="ModelDraft.Key"/>.</summary>
    public const string ModelKey = "modeltrack.model";

    /// <summary>Set for a moment, to find out whether a server can write at all; see <see cref="Backends.Rest.RestBatchSender"/>.</summary>
    public const string Probe = "modeltrack.probe";

    /// <summary>What made a run fail, by OpenTelemetry's names.</summary>
    public const string ExceptionType = "exception.type";

    public const string ExceptionMessage = "exception.message";

    public const string ExceptionStackTrace = "exception.stacktrace";
}
