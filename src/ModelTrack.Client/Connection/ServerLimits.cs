namespace ModelTrack.Client;

/// <summary>How many metric points go into one request.</summary>
internal static class ServerLimits
{
    public const int MlflowMetrics = 1000;

    /// <summary>Azure Machine Learning refuses more, while MLflow's own client would send them.</summary>
    public const int AzureMlMetrics = 250;
}
