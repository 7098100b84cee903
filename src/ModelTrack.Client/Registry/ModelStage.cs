namespace ModelTrack.Client;

/// <summary>A model version's place in the life of its model. MLflow has replaced stages by aliases (since 2.9); they still work.</summary>
public enum ModelStage
{
    /// <summary>In no stage: what a new version is.</summary>
    None,

    /// <summary>On trial.</summary>
    Staging,

    /// <summary>In use.</summary>
    Production,

    /// <summary>No longer in use.</summary>
    Archived,
}
