namespace ModelTrack.Client;

/// <summary>MLflow's error codes, as text: <see cref="ModelTrackException.ErrorCode"/> holds one of these or another that a server sent.</summary>
public static class ErrorCode
{
    /// <summary>A value breaks one of MLflow's rules.</summary>
    public const string InvalidParameterValue = "INVALID_PARAMETER_VALUE";

    /// <summary>What was asked for does not exist.</summary>
    public const string ResourceDoesNotExist = "RESOURCE_DOES_NOT_EXIST";

    /// <summary>Something of this name exists already.</summary>
    public const string ResourceAlreadyExists = "RESOURCE_ALREADY_EXISTS";

    /// <summary>The thing is in a state in which this cannot be done, for example deleted.</summary>
    public const string InvalidState = "INVALID_STATE";

    /// <summary>The store failed.</summary>
    public const string InternalError = "INTERNAL_ERROR";
}
