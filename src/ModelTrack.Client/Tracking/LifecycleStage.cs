namespace ModelTrack.Client;

/// <summary>Whether a run or an experiment is in use or in the bin (MLflow's <c>lifecycle_stage</c>).</summary>
public enum LifecycleStage
{
    /// <summary>In use.</summary>
    Active,

    /// <summary>Deleted, and can be restored.</summary>
    Deleted,
}
