using System.Buffers;

namespace ModelTrack.Client;

/// <summary>One tensor of a model's input or output.</summary>
public sealed class TensorSpec : IEquatable<TensorSpec>
{
    private static readonly SearchValues<char> InTypeNames
        = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_[]<>=|");

    /// <summary>Describes a tensor.</summary>
    /// <param name="elementType">NumPy's name: <c>float32</c>, <c>float64</c>, <c>int64</c>, <c>bool</c>, <c>str</c> and so on.</param>
    /// <param name="shape">Its dimensions; -1 for one of any size. Empty for a scalar.</param>
    /// <param name="name">Its name; null for the only one in its schema.</param>
    /// <exception cref="ArgumentException">The type is no name of one, or a dimension is less than -1.</exception>
    public TensorSpec(string elementType, IEnumerable<long> shape, string? name = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(elementType);
        ArgumentNullException.ThrowIfNull(shape);
        if (elementType.AsSpan().ContainsAnyExcept(InTypeNames))
        {
            throw new ArgumentException($"{Excerpt.Of(elementType)} is not the name of a NumPy type, such as float32.", nameof(elementType));
        }

        ElementType = elementType;
        Shape = shape.ToArray().AsReadOnly();
        Name = name;
        foreach (var dimension in Shape)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(dimension, -1, nameof(shape));
        }
    }

    /// <summary>NumPy's name for the type of its elements.</summary>
    public string ElementType { get; }

    /// <summary>Its dimensions; -1 for one of any size.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>Its name; null in a schema without names.</summary>
    public string? Name { get; }

    /// <summary>Whether two describe the same.</summary>
    /// <param name="other">The other.</param>
    /// <returns>True if so.</returns>
    public bool Equals(TensorSpec? other)
        => other is not null && other.Name == Name && other.ElementType == ElementType && other.Shape.SequenceEqual(Shape);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as TensorSpec);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, ElementType, Shape.Count);

    /// <inheritdoc/>
    public override string ToString() => ToJson().ToJson();

    internal static TensorSpec FromJson(ModelValue json, string where)
    {
        if (json["tensor-spec"] is not { Kind: ModelValueKind.Map } spec)
        {
            throw new InvalidDataException($"{where} has no 'tensor-spec'");
        }

        var type = spec["dtype"]?.AsText() ?? throw new InvalidDataException($"{where} has no 'dtype'");
        if (spec["shape"] is not { Kind: ModelValueKind.List } shape)
        {
            throw new InvalidDataException($"{where} has no 'shape'");
        }

        return new TensorSpec(
            type,
            shape.Items.Select(item => item.AsInteger()
                ?? throw new InvalidDataException($"the shape of {where} has {Excerpt.Of(item.ToString())}")),
            json["name"]?.AsText());
    }

    internal ModelValue ToJson()
    {
        (string Name, ModelValue Value)[] spec =
        [
            ("type", "tensor"),
            ("tensor-spec", ModelValue.Map(("dtype", ElementType), ("shape", ModelValue.List(Shape.Select(ModelValue.Of))))),
        ];
        return ModelValue.Map(Name is null ? spec : [("name", Name), .. spec]);
    }
}
