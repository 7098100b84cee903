namespace ModelTrack.Client;

/// <summary>MLflow's limits for data sets that runs use.</summary>
internal static class DatasetRules
{
    public const int MaxNameLength = 500;
    public const int MaxDigestLength = 36;
    public const int MaxSourceTypeLength = 36;
    public const int MaxSourceLength = 65_535;
    public const int MaxSchemaLength = 1_048_575;
    public const int MaxProfileLength = 16_777_215;
    public const int MaxTagKeyLength = 255;
    public const int MaxTagValueLength = 500;

    public static void Check(DatasetInput dataset)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        Rules.CheckName(dataset.Name, MaxNameLength, "data set's name", nameof(dataset));
        Rules.CheckName(dataset.Digest, MaxDigestLength, "data set's digest", nameof(dataset));
        Rules.CheckName(dataset.SourceType, MaxSourceTypeLength, "data set's source type", nameof(dataset));
        Rules.CheckText(dataset.Source, MaxSourceLength, "data set's source", nameof(dataset));
        Rules.CheckText(dataset.Schema ?? "", MaxSchemaLength, "data set's schema", nameof(dataset));
        Rules.CheckText(dataset.Profile ?? "", MaxProfileLength, "data set's profile", nameof(dataset));
        foreach (var (key, value) in dataset.Tags)
        {
            Rules.CheckName(key, MaxTagKeyLength, "key of a data set's tag", nameof(dataset));
            Rules.CheckText(value, MaxTagValueLength, "value of a data set's tag", nameof(dataset));
        }
    }
}
