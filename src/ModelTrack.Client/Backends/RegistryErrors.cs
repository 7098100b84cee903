namespace ModelTrack.Client.Backends;

/// <summary>Why a registry of our own refuses something: the same words in each.</summary>
internal static class RegistryErrors
{
    public static ModelTrackException NoModel(string name)
        => new(ErrorCode.ResourceDoesNotExist, $"There is no registered model '{name}'.");

    public static ModelTrackException ModelExists(string name)
        => new(ErrorCode.ResourceAlreadyExists, $"There is a registered model '{name}' already.");

    public static ModelTrackException NoVersion(string name, int version)
        => new(ErrorCode.ResourceDoesNotExist, $"There is no version {version} of the registered model '{name}'.");

    public static ModelTrackException NoAlias(string name, string alias, Exception? cause = null)
        => new(ErrorCode.ResourceDoesNotExist, $"The registered model '{name}' has no alias '{alias}'.", cause);

    public static ModelTrackException NoLoggedModel(string modelId)
        => new(ErrorCode.ResourceDoesNotExist, $"There is no logged model '{modelId}'.");
}
