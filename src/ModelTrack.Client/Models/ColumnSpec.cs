namespace ModelTrack.Client;

/// <summary>One column of a model's input or output.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Name">Its name; null in a schema without names.</param>
/// <param name="Required">Whether it must be there.</param>
public sealed record ColumnSpec(ColumnType Type, string? Name = null, bool Required = true)
{
    internal static ColumnSpec FromJson(ModelValue json, string where)
        => new(ColumnType.FromJson(json, where), json["name"]?.AsText(), ColumnType.RequiredOf(json, where));

    internal ModelValue ToJson() => Type.ToJson(Name is null ? [("required", Required)] : [("name", Name), ("required", Required)]);
}
