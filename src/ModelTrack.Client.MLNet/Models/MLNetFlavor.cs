using System.Reflection;
using Microsoft.ML;

namespace ModelTrack.Client.MLNet;

/// <summary>
/// The flavor <c>mlnet</c>: <c>data</c> names the file that ML.NET saved, <c>mlnet_version</c> the version of Microsoft.ML that saved it.
/// </summary>
internal static class MLNetFlavor
{
    public const string Name = "mlnet";

    public const string FileName = "model.zip";

    private static readonly string MLNetVersion = typeof(MLContext).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()
        is { InformationalVersion: { } version } ? version.Split('+')[0] : typeof(MLContext).Assembly.GetName().Version!.ToString();

    /// <summary>What a manifest says of the file that <see cref="Save"/> writes.</summary>
    public static ModelValue Describe() => ModelValue.Map(("data", FileName), ("mlnet_version", MLNetVersion));

    public static void Save(MLContext mlContext, ITransformer model, DataViewSchema inputSchema, string folder)
        => mlContext.Model.Save(model, inputSchema, Path.Combine(folder, FileName));

    /// <summary>Loads a model that is on the local disk.</summary>
    /// <exception cref="ModelTrackException">The model has no such flavor, or its file is missing (<see cref="ErrorCode.InvalidState"/>).</exception>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static ITransformer Load(MLContext mlContext, LocalModel model, out DataViewSchema inputSchema)
    {
        if (!model.Manifest.Flavors.TryGetValue(Name, out var flavor))
        {
            throw new ModelTrackException(
                ErrorCode.InvalidState,
                $"The model {model.Uri} was not logged by ML.NET: it has the flavors {string.Join(", ", model.Manifest.Flavors.Keys)}, "
                + $"and no '{Name}'.");
        }

        var file = FileOf(model, flavor["data"]?.AsText() ?? FileName);
        try
        {
            return mlContext.Model.Load(file, out inputSchema);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Of a damaged file ML.NET throws whatever it stumbles over first.
            throw new InvalidDataException(
                $"The file '{file}' of the model {model.Uri} is no ML.NET model, is damaged, or needs a package that is not there: "
                + $"{e.GetBaseException().Message}", e);
        }
    }

    /// <summary>The file of a model, which lies in its folder: a manifest comes from elsewhere and may name anything.</summary>
    private static string FileOf(LocalModel model, string name)
    {
        var file = Path.GetFullPath(Path.Combine(model.Folder, name));
        if (!file.StartsWith(Path.GetFullPath(model.Folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            throw new ModelTrackException(
                ErrorCode.InvalidState, $"The manifest of the model {model.Uri} names the file '{name}', which is outside of the model.");
        }

        return File.Exists(file)
            ? file
            : throw new ModelTrackException(ErrorCode.InvalidState, $"The model {model.Uri} has no file '{name}', which its manifest names.");
    }
}
