namespace ModelTrack.Client;

/// <summary>Which files of a model hold the example of an input, and in which form.</summary>
public sealed record SavedInputExample
{
    /// <summary>The file with the example.</summary>
    public required string ArtifactPath { get; init; }

    /// <summary>The file with the same as the body of a request to a scoring server; null when there is none.</summary>
    public string? ServingInputPath { get; init; }

    /// <summary><c>dataframe</c>, <c>ndarray</c>, <c>json_object</c> or one of the sparse matrices.</summary>
    public string? Type { get; init; }

    /// <summary>For a dataframe: <c>split</c> with names of columns, <c>values</c> without.</summary>
    public string? PandasOrient { get; init; }

    /// <summary>Whether the files have params too.</summary>
    public bool HasParams { get; init; }

    /// <summary>What else a manifest says of it, by its key.</summary>
    private ModelValue Entries { get; init; } = ModelValue.Map(Array.Empty<(string, ModelValue)>());

    internal static SavedInputExample FromManifest(ModelValue map) => new()
    {
        ArtifactPath = map["artifact_path"]?.AsText() ?? "",
        ServingInputPath = map["serving_input_path"]?.AsText(),
        Type = map["type"]?.AsText(),
        PandasOrient = map["pandas_orient"]?.AsText(),
        HasParams = map["params"] is { IsNull: false } given && given.AsBoolean() != false,
        Entries = map,
    };

    internal ModelValue ToManifest() => Entries
        .With("artifact_path", ArtifactPath)
        .With("serving_input_path", ServingInputPath is null ? null : ModelValue.Of(ServingInputPath))
        .With("type", Type is null ? null : ModelValue.Of(Type))
        .With("pandas_orient", PandasOrient is null ? null : ModelValue.Of(PandasOrient))
        .With("params", HasParams ? ModelValue.Of("true") : null);
}
