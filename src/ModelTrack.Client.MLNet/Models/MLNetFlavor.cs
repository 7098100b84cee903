using Microsoft.ML;

namespace ModelTrack.Client.MLNet;

/// <summary>
/// The flavor <c>mlnet</c>: <c>data</c> names the file that ML.NET saved, <c>mlnet_version</c> the version of Microsoft.ML that saved it.
/// </summary>
internal static class MLNetFlavor
{
    public const string Name = "mlnet";

    public const string FileName = "model.zip";

    /// <summary>Loads a model that is on the local disk.</summary>
    /// <exception cref="ModelTrackException">The model has no such flavor, or its file is missing (<see cref="ErrorCode.InvalidState"/>).</exception>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static ITransformer Load(MLContext mlContext, LocalModel model, out DataViewSchema inputSchema)
    {
        if (!model.Manifest.Flavors.TryGetValue(Name, out var flavor))
        {
            throw new ModelTrackException(
                ErrorCode.InvalidState,
                $"The model {model.Uri} was not logged by ML.NET: it has the flavors {string.Join(", ", model.Manifest.Flavors.Keys)}, and no '{Name}'.");
        }

        var file = Path.Combine(model.Path, flavor["data"]?.AsText() ?? FileName);
        if (!File.Exists(file))
        {
            throw new ModelTrackException(ErrorCode.InvalidState, $"The model {model.Uri} has no file '{Path.GetFileName(file)}', which its manifest names.");
        }

        try
        {
            return mlContext.Model.Load(file, out inputSchema);
        }
        catch (Exception e) when (e is FormatException or InvalidDataException or InvalidOperationException or IOException or ArgumentException)
        {
            throw new InvalidDataException($"The file '{file}' of the model {model.Uri} is no ML.NET model, or is damaged: {e.Message}", e);
        }
    }
}
