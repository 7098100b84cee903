namespace ModelTrack.Client;

/// <summary>Whose server a tracking URI leads to. All speak MLflow's API; they differ in how they are found and what they accept.</summary>
internal enum ServerKind
{
    Mlflow,

    /// <summary>Host and credentials are Databricks' own configuration.</summary>
    Databricks,

    /// <summary>Takes tokens only, and smaller batches.</summary>
    AzureMl,
}
