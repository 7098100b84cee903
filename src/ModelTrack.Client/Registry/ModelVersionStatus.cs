namespace ModelTrack.Client;

/// <summary>Whether a model version can be used. Open-source servers and folders have ready ones only; others copy files first.</summary>
public enum ModelVersionStatus
{
    /// <summary>It is being made.</summary>
    PendingRegistration,

    /// <summary>It could not be made; <see cref="ModelVersion.StatusMessage"/> says why.</summary>
    FailedRegistration,

    /// <summary>It can be used.</summary>
    Ready,
}
