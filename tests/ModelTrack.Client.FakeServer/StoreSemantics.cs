namespace ModelTrack.Client.Fakes;

/// <summary>Which of MLflow's stores the server behaves like; they differ in what they do with equal points, NaN and conflicts.</summary>
public enum StoreSemantics
{
    /// <summary>A database: ids 1, 2, 3…; equal points are one; infinities are stored as the greatest doubles.</summary>
    Sql,

    /// <summary>A folder of files: random ids; every point is a line, as it came.</summary>
    FileStore,
}
