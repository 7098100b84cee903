namespace ModelTrack.Client;

/// <summary>Which life-cycle stages a search looks at (MLflow's <c>ViewType</c>).</summary>
public enum ViewType
{
    /// <summary>Only what is not deleted. The default of every search.</summary>
    ActiveOnly = 1,

    /// <summary>Only what is deleted.</summary>
    DeletedOnly = 2,

    /// <summary>Both.</summary>
    All = 3,
}
