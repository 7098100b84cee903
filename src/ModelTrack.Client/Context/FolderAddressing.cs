namespace ModelTrack.Client;

/// <summary>How a folder of runs was named; the form of the artifact locations that MLflow stores depends on it.</summary>
internal enum FolderAddressing
{
    /// <summary>Not at all (<c>./mlruns</c>, <c>MLFLOW_TRACKING_DIR</c>): locations are percent-encoded <c>file:</c> URIs.</summary>
    Implicit,

    /// <summary>By a path: locations are plain absolute paths.</summary>
    PlainPath,

    /// <summary>By a <c>file:</c> URI: locations are <c>file:</c> URIs without encoding.</summary>
    FileUri,
}
