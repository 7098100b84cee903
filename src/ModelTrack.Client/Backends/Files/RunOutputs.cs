using System.Text;
using Microsoft.Extensions.Logging;
using ModelTrack.Client.Numbers;

namespace ModelTrack.Client.Backends.Files;

/// <summary>The logged models that a run produced, from its folder <c>outputs</c>.</summary>
internal static class RunOutputs
{
    public static List<ModelOutput> Read(string runFolder, FileScratch scratch, ILogger logger)
    {
        var outputs = new List<ModelOutput>();
        foreach (var yaml in RunInputs.ReadAll(FileLayout.Outputs(runFolder), scratch, logger))
        {
            if (yaml.GetText("destination_id") is { } modelId)
            {
                _ = PythonNumber.TryParseInteger(Encoding.UTF8.GetBytes(yaml.GetText("step") ?? "0"), out var step);
                outputs.Add(new ModelOutput(modelId, step));
            }
        }

        return outputs;
    }
}
