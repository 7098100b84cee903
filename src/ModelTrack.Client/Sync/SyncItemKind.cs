namespace ModelTrack.Client;

/// <summary>What a <see cref="SyncItem"/> is about.</summary>
public enum SyncItemKind
{
    /// <summary>An experiment, without its runs.</summary>
    Experiment,

    /// <summary>A run with all that belongs to it.</summary>
    Run,

    /// <summary>
    /// A logged model of MLflow 3, with its params, tags, points and uses; its files go with its run. Only on servers that have them.
    /// </summary>
    LoggedModel,

    /// <summary>A registered model, without its versions.</summary>
    RegisteredModel,

    /// <summary>A version of a registered model.</summary>
    ModelVersion,
}
