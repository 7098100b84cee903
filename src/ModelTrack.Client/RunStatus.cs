namespace ModelTrack.Client;

/// <summary>Where a run is in its life. Names and numbers are MLflow's (<c>RunStatus</c> of its REST API and file store).</summary>
public enum RunStatus
{
    /// <summary>The run is open (wire name <c>RUNNING</c>).</summary>
    Running = 1,

    /// <summary>The run is planned and has not begun (<c>SCHEDULED</c>).</summary>
    Scheduled = 2,

    /// <summary>The run ended well (<c>FINISHED</c>).</summary>
    Finished = 3,

    /// <summary>The run ended by an error (<c>FAILED</c>).</summary>
    Failed = 4,

    /// <summary>The run was stopped from outside: cancelled, or ended by a signal (<c>KILLED</c>).</summary>
    Killed = 5,
}
