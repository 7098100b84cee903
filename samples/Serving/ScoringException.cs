namespace Serving;

/// <summary>A request that cannot be answered: 400 with MLflow's code.</summary>
internal sealed class ScoringException(string errorCode, string message) : Exception(message)
{
    /// <summary>MLflow's code for it.</summary>
    public string ErrorCode { get; } = errorCode;

    /// <summary>The request is malformed.</summary>
    public static ScoringException Malformed(string message) => new(ModelTrack.Client.ErrorCode.BadRequest, $"Invalid input. {message}");

    /// <summary>The data are not what the model's signature says.</summary>
    public static ScoringException Schema(string message)
        => new(ModelTrack.Client.ErrorCode.InvalidParameterValue, $"Failed to enforce schema of data. Error: {message}");
}
