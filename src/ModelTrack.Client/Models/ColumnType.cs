namespace ModelTrack.Client;

/// <summary>The type of a column of a model's data: a scalar, or a list, map or object of such. Two with the same structure are equal.</summary>
public sealed class ColumnType : IEquatable<ColumnType>
{
    private static readonly (ColumnKind Kind, string Name)[] Names =
    [
        (ColumnKind.Boolean, "boolean"),
        (ColumnKind.Integer, "integer"),
        (ColumnKind.Long, "long"),
        (ColumnKind.Float, "float"),
        (ColumnKind.Double, "double"),
        (ColumnKind.String, "string"),
        (ColumnKind.Binary, "binary"),
        (ColumnKind.DateTime, "datetime"),
        (ColumnKind.Any, "any"),
        (ColumnKind.SparkVector, "sparkml_vector"),
        (ColumnKind.Array, "array"),
        (ColumnKind.Map, "map"),
        (ColumnKind.Object, "object"),
    ];

    private ColumnType(ColumnKind kind, ColumnType? element = null, IReadOnlyList<ColumnProperty>? properties = null)
    {
        Kind = kind;
        Element = element;
        Properties = properties ?? [];
        Depth = 1 + Math.Max(element?.Depth ?? 0, Properties.Select(property => property.Type.Depth).DefaultIfEmpty().Max());
        if (Depth > MaxDepth)
        {
            throw new ArgumentException($"The type is nested more than {MaxDepth} levels deep.", nameof(element));
        }
    }

    /// <summary>MLflow's <c>boolean</c>.</summary>
    public static ColumnType Boolean { get; } = new(ColumnKind.Boolean);

    /// <summary>MLflow's <c>integer</c>, of 32 bits.</summary>
    public static ColumnType Integer { get; } = new(ColumnKind.Integer);

    /// <summary>MLflow's <c>long</c>, of 64 bits.</summary>
    public static ColumnType Long { get; } = new(ColumnKind.Long);

    /// <summary>MLflow's <c>float</c>, of 32 bits.</summary>
    public static ColumnType Float { get; } = new(ColumnKind.Float);

    /// <summary>MLflow's <c>double</c>, of 64 bits.</summary>
    public static ColumnType Double { get; } = new(ColumnKind.Double);

    /// <summary>MLflow's <c>string</c>.</summary>
    public static ColumnType String { get; } = new(ColumnKind.String);

    /// <summary>MLflow's <c>binary</c>.</summary>
    public static ColumnType Binary { get; } = new(ColumnKind.Binary);

    /// <summary>MLflow's <c>datetime</c>.</summary>
    public static ColumnType DateTime { get; } = new(ColumnKind.DateTime);

    /// <summary>MLflow's <c>any</c>, which MLflow 3 reads and MLflow 2 does not.</summary>
    public static ColumnType Any { get; } = new(ColumnKind.Any);

    /// <summary>MLflow's <c>sparkml_vector</c>.</summary>
    public static ColumnType SparkVector { get; } = new(ColumnKind.SparkVector);

    /// <summary>Which of them it is.</summary>
    public ColumnKind Kind { get; }

    /// <summary>The type of an array's items or a map's values; null for others.</summary>
    public ColumnType? Element { get; }

    /// <summary>The properties of an object, sorted by name; empty for others.</summary>
    public IReadOnlyList<ColumnProperty> Properties { get; }

    /// <summary>MLflow's name for the kind, for example <c>double</c>, <c>string</c> or <c>object</c>.</summary>
    public string Name => Names[(int)Kind].Name;

    /// <summary>Deeper than data are, and shallow enough for the JSON that the type becomes, which has two levels for one of these.</summary>
    private static int MaxDepth => 24;

    private int Depth { get; }

    /// <summary>Whether two types are the same.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public static bool operator ==(ColumnType? left, ColumnType? right) => left is null ? right is null : left.Equals(right);

    /// <summary>Whether two types are different.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public static bool operator !=(ColumnType? left, ColumnType? right) => !(left == right);

    /// <summary>A list of values of one type.</summary>
    /// <param name="items">The type of the items.</param>
    /// <returns>The type.</returns>
    /// <exception cref="ArgumentException">It is nested more than 24 levels deep.</exception>
    public static ColumnType Array(ColumnType items)
        => new(ColumnKind.Array, items ?? throw new ArgumentNullException(nameof(items)));

    /// <summary>Values of one type by any names.</summary>
    /// <param name="values">The type of the values.</param>
    /// <returns>The type.</returns>
    /// <exception cref="ArgumentException">It is nested more than 24 levels deep.</exception>
    public static ColumnType Map(ColumnType values)
        => new(ColumnKind.Map, values ?? throw new ArgumentNullException(nameof(values)));

    /// <summary>Values by the names given: MLflow's <c>object</c>.</summary>
    /// <param name="properties">The names and types.</param>
    /// <returns>The type.</returns>
    /// <exception cref="ArgumentException">There is none, a name comes twice, or the type is nested more than 24 levels deep.</exception>
    public static ColumnType Object(params IEnumerable<ColumnProperty> properties)
    {
        ArgumentNullException.ThrowIfNull(properties);
        var sorted = properties.OrderBy(property => property.Name, StringComparer.Ordinal).ToArray();
        if (sorted.Length == 0)
        {
            throw new ArgumentException("An object has at least one property.", nameof(properties));
        }

        for (var i = 1; i < sorted.Length; i++)
        {
            if (sorted[i].Name == sorted[i - 1].Name)
            {
                throw new ArgumentException($"The object has two properties {Excerpt.Of(sorted[i].Name)}.", nameof(properties));
            }
        }

        return new ColumnType(ColumnKind.Object, properties: sorted.AsReadOnly());
    }

    /// <summary>Whether the other is the same type.</summary>
    /// <param name="other">The other.</param>
    /// <returns>True if so.</returns>
    public bool Equals(ColumnType? other)
        => other is not null && other.Kind == Kind && other.Element == Element && other.Properties.SequenceEqual(Properties);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ColumnType);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Kind, Element, Properties.Count);

    /// <inheritdoc/>
    public override string ToString() => ToJson([]).ToJson();

    /// <summary>The scalar of that name; null when there is none.</summary>
    internal static ColumnType? FindScalar(string name)
    {
        var kind = System.Array.FindIndex(Names, entry => entry.Name == name);
        return kind is >= 0 and < (int)ColumnKind.Array ? new ColumnType((ColumnKind)kind) : null;
    }

    /// <summary>The names of all types, for messages.</summary>
    internal static string AllNames => string.Join(", ", Names.Select(entry => entry.Name));

    /// <param name="json">The object with <c>type</c> and what belongs to it.</param>
    /// <param name="where">What it is the type of, for messages.</param>
    /// <exception cref="InvalidDataException">It describes no type.</exception>
    internal static ColumnType FromJson(ModelValue json, string where)
    {
        var name = json["type"]?.AsText() ?? throw new InvalidDataException($"{where} has no 'type'");
        return name switch
        {
            "array" => Array(FromJson(Child(json, "items", where), "an item of " + where)),
            "map" => Map(FromJson(Child(json, "values", where), "a value of " + where)),
            "object" => Object(Child(json, "properties", where).Entries.Select(entry => new ColumnProperty(
                entry.Key,
                FromJson(entry.Value, $"the property {Excerpt.Of(entry.Key)} of {where}"),
                RequiredOf(entry.Value, where)))),
            _ => FindScalar(name)
                ?? throw new InvalidDataException($"{where} has the type {Excerpt.Of(name)}; MLflow has {AllNames} and, for tensors, tensor"),
        };
    }

    /// <summary>Missing means required. MLflow 2 wrote <c>optional</c> in its time.</summary>
    internal static bool RequiredOf(ModelValue json, string where)
    {
        var required = json["required"] ?? ModelValue.Null;
        var optional = json["optional"] ?? ModelValue.Null;
        return required.AsBoolean() ?? (required.IsNull
            ? !(optional.AsBoolean() ?? (optional.IsNull ? false : throw NoFlag("optional", where)))
            : throw NoFlag("required", where));
    }

    /// <summary>The entries that describe the type, followed by the given ones.</summary>
    internal ModelValue ToJson(IEnumerable<(string Name, ModelValue Value)> more)
    {
        var entries = new List<(string Name, ModelValue Value)> { ("type", Name) };
        switch (Kind)
        {
            case ColumnKind.Array:
                entries.Add(("items", Element!.ToJson([])));
                break;
            case ColumnKind.Map:
                entries.Add(("values", Element!.ToJson([])));
                break;
            case ColumnKind.Object:
                entries.Add(("properties", ModelValue.Map(Properties.Select(
                    property => KeyValuePair.Create(property.Name, property.Type.ToJson([("required", property.Required)]))))));
                break;
        }

        return ModelValue.Map([.. entries, .. more]);
    }

    private static ModelValue Child(ModelValue json, string name, string where)
        => json[name] is { Kind: ModelValueKind.Map } child
            ? child
            : throw new InvalidDataException($"{where} has no '{name}' to say what is in it");

    private static InvalidDataException NoFlag(string name, string where) => new($"'{name}' of {where} is neither true nor false");
}
