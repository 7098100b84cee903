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

    /// <summary>The server does not know the endpoint: it is older than what was asked of it, or something else answers at its address.</summary>
    public const string EndpointNotFound = "ENDPOINT_NOT_FOUND";

    /// <summary>The server wants other credentials, or any.</summary>
    public const string Unauthenticated = "UNAUTHENTICATED";

    /// <summary>The credentials are known and do not allow it.</summary>
    public const string PermissionDenied = "PERMISSION_DENIED";

    /// <summary>The server is out of reach or overloaded.</summary>
    public const string TemporarilyUnavailable = "TEMPORARILY_UNAVAILABLE";

    /// <summary>Too many requests.</summary>
    public const string RequestLimitExceeded = "REQUEST_LIMIT_EXCEEDED";

    /// <summary>The server cannot do this, for example multipart uploads to a place that has none.</summary>
    public const string NotImplemented = "NOT_IMPLEMENTED";

    /// <summary>The request is malformed or breaks a rule of the server's database.</summary>
    public const string BadRequest = "BAD_REQUEST";
}
