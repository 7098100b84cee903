using System.Globalization;
using System.Text.Json;

namespace ModelTrack.Client;

/// <summary>What a model takes or gives: columns, or tensors, never both. Two with the same content are equal.</summary>
public sealed class ModelSchema : IEquatable<ModelSchema>
{
    /// <summary>A schema of columns.</summary>
    /// <param name="columns">The columns: all with names, or none.</param>
    /// <exception cref="ArgumentException">
    /// There is none; only some have names; two have the same; or one without a name is not required.
    /// </exception>
    public ModelSchema(params IEnumerable<ColumnSpec> columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        Columns = columns.ToArray().AsReadOnly();
        CheckNames([.. Columns.Select(column => column.Name)], "column", nameof(columns));
        var index = Columns.TakeWhile(column => column.Name is not null || column.Required).Count();
        if (index < Columns.Count)
        {
            throw new ArgumentException(
                string.Create(CultureInfo.InvariantCulture, $"Column {index} has no name, and must be required therefore."), nameof(columns));
        }
    }

    /// <summary>A schema of tensors.</summary>
    /// <param name="tensors">The tensors: all with names when there are several.</param>
    /// <exception cref="ArgumentException">There is none; one of several has no name; or two have the same.</exception>
    public ModelSchema(params IEnumerable<TensorSpec> tensors)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        Tensors = tensors.ToArray().AsReadOnly();
        CheckNames([.. Tensors.Select(tensor => tensor.Name)], "tensor", nameof(tensors));
        if (Tensors.Count > 1 && Tensors[0].Name is null)
        {
            throw new ArgumentException("Of several tensors each must have a name.", nameof(tensors));
        }
    }

    /// <summary>The columns; empty for tensors.</summary>
    public IReadOnlyList<ColumnSpec> Columns { get; } = [];

    /// <summary>The tensors; empty for columns.</summary>
    public IReadOnlyList<TensorSpec> Tensors { get; } = [];

    /// <summary>Whether it describes tensors.</summary>
    public bool IsTensors => Tensors.Count > 0;

    /// <summary>Whether its columns or tensors have names.</summary>
    public bool HasNames => IsTensors ? Tensors[0].Name is not null : Columns[0].Name is not null;

    /// <summary>Reads a schema from the JSON that a manifest has.</summary>
    /// <param name="json">The JSON text.</param>
    /// <returns>The schema.</returns>
    /// <exception cref="InvalidDataException">It is none; the message names the column and what is wrong with it.</exception>
    public static ModelSchema FromJson(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        try
        {
            var items = PythonJson.Read(json) is { Kind: ModelValueKind.List } list
                ? list.Items
                : throw new InvalidDataException("it is no list");
            var tensors = items.Count(item => item["type"]?.AsText() == "tensor");
            if (tensors > 0 && tensors < items.Count)
            {
                throw new InvalidDataException("it has both columns and tensors");
            }

            return tensors > 0
                ? new ModelSchema(items.Select((item, index) => TensorSpec.FromJson(item, NameOf(item, index, "tensor"))))
                : new ModelSchema(items.Select((item, index) => ColumnSpec.FromJson(item, NameOf(item, index, "column"))));
        }
        catch (Exception e) when (e is InvalidDataException or JsonException or ArgumentException)
        {
            throw new InvalidDataException($"The schema {Excerpt.Of(json)} is not valid: {e.Message}", e);
        }
    }

    /// <summary>The schema as the JSON that a manifest has.</summary>
    /// <returns>The JSON text.</returns>
    public string ToJson()
        => ModelValue.List(IsTensors ? Tensors.Select(tensor => tensor.ToJson()) : Columns.Select(column => column.ToJson())).ToJson();

    /// <summary>Whether the other has the same columns or tensors.</summary>
    /// <param name="other">The other.</param>
    /// <returns>True if so.</returns>
    public bool Equals(ModelSchema? other)
        => other is not null && other.Columns.SequenceEqual(Columns) && other.Tensors.SequenceEqual(Tensors);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ModelSchema);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Columns.Count, Tensors.Count);

    /// <inheritdoc/>
    public override string ToString() => ToJson();

    private static string NameOf(ModelValue item, int index, string what)
        => item["name"]?.AsText() is { } name
            ? $"the {what} {Excerpt.Of(name)}"
            : string.Create(CultureInfo.InvariantCulture, $"{what} {index}");

    private static void CheckNames(string?[] names, string what, string paramName)
    {
        if (names.Length == 0)
        {
            throw new ArgumentException($"A schema has at least one {what}.", paramName);
        }

        var known = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < names.Length; i++)
        {
            if (names[i] is null != names[0] is null)
            {
                throw new ArgumentException(
                    string.Create(CultureInfo.InvariantCulture, $"All {what}s have names or none; {what} {i} differs from {what} 0."), paramName);
            }

            if (names[i] is { } name && !known.Add(name))
            {
                throw new ArgumentException($"Two {what}s have the name {Excerpt.Of(name)}.", paramName);
            }
        }
    }
}
