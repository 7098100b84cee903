using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML;

namespace ModelTrack.Client.MLNet;

/// <summary>The schema and the profile of a data set, as MLflow's own client writes them for a table.</summary>
internal static class DatasetSchema
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary><c>{"mlflow_colspec": [{"type": …, "name": …, "required": true}]}</c>; a vector is an array, a matrix an array of arrays.</summary>
    public static string Of(DataViewSchema schema)
    {
        var columns = new JsonArray();
        foreach (var (column, type) in SchemaTypes.Of(schema))
        {
            var spec = TypeSpec(type.Type, type.Depth);
            spec["name"] = column.Name;
            spec["required"] = true;
            columns.Add((JsonNode)spec);
        }

        return new JsonObject { ["mlflow_colspec"] = columns }.ToJsonString(Plain);
    }

    public static string Profile(long rows, long? elements)
    {
        var profile = new JsonObject { ["num_rows"] = rows };
        if (elements is not null)
        {
            profile["num_elements"] = elements;
        }

        return profile.ToJsonString(Plain);
    }

    /// <summary>The values of one row; null when that varies from row to row.</summary>
    public static long? ElementsPerRow(DataViewSchema schema)
    {
        var columns = SchemaTypes.Of(schema).Select(column => column.Type.Dimensions ?? [1]).ToList();
        return columns.Exists(dimensions => dimensions.Contains(-1))
            ? null
            : columns.Sum(dimensions => dimensions.Aggregate(1L, (product, size) => product * size));
    }

    private static JsonObject TypeSpec(string type, int depth)
        => depth == 0 ? new JsonObject { ["type"] = type } : new JsonObject { ["type"] = "array", ["items"] = TypeSpec(type, depth - 1) };
}
