using System.Globalization;

namespace ModelTrack.Client;

/// <summary>A param that may be given with each prediction, such as a temperature.</summary>
public sealed class ParamSpec : IEquatable<ParamSpec>
{
    /// <summary>Describes a param.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="type">Its type: a scalar (not binary), or an object.</param>
    /// <param name="defaultValue">What is taken when it is not given. Null: none.</param>
    /// <param name="isList">Whether it is a list of values of that type.</param>
    /// <exception cref="ArgumentException">The type is none that params may have, or the default is not of it.</exception>
    public ParamSpec(string name, ColumnType type, ModelValue? defaultValue = null, bool isList = false)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(type);
        if (type.Kind is ColumnKind.Binary or ColumnKind.Any or ColumnKind.SparkVector or ColumnKind.Array or ColumnKind.Map)
        {
            throw new ArgumentException($"The param {Excerpt.Of(name)} cannot be of type {type.Name}.", nameof(type));
        }

        Name = name;
        Type = type;
        IsList = isList;
        Default = Check(defaultValue ?? ModelValue.Null);
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Its type, or that of its items.</summary>
    public ColumnType Type { get; }

    /// <summary>What is taken when it is not given; <see cref="ModelValue.Null"/> when nothing is.</summary>
    public ModelValue Default { get; }

    /// <summary>Whether it is a list.</summary>
    public bool IsList { get; }

    /// <summary>Whether two describe the same.</summary>
    /// <param name="other">The other.</param>
    /// <returns>True if so.</returns>
    public bool Equals(ParamSpec? other)
        => other is not null && other.Name == Name && other.Type == Type && other.Default == Default && other.IsList == IsList;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ParamSpec);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Type);

    /// <inheritdoc/>
    public override string ToString() => ToJson().ToJson();

    internal static ParamSpec FromJson(ModelValue json, string where)
    {
        if (json["name"]?.AsText() is not { } name)
        {
            throw new InvalidDataException($"{where} has no 'name'");
        }

        // Early versions of MLflow 2 called it dtype.
        var type = json["type"] is null && json["dtype"] is { } old ? json.With("type", old) : json;
        var isList = json["shape"] switch
        {
            null or { IsNull: true } => false,
            { Kind: ModelValueKind.List, Items: [var only] } when only.AsInteger() == -1 => true,
            var shape => throw new InvalidDataException($"{where} has the shape {shape}; it is null for one value or [-1] for a list"),
        };
        var defaultValue = json["default"] ?? throw new InvalidDataException($"{where} has no 'default'");
        return new ParamSpec(name, ColumnType.FromJson(type, where), defaultValue, isList);
    }

    internal ModelValue ToJson()
    {
        var type = Type.ToJson([]).Entries.Select(entry => (entry.Key, entry.Value));
        return ModelValue.Map(
        [
            ("name", Name),
            ("default", Default),
            ("shape", IsList ? ModelValue.List(ModelValue.Of(-1)) : ModelValue.Null),
            .. type,
        ]);
    }

    private ModelValue Check(ModelValue value)
    {
        if (value.IsNull || !IsList)
        {
            return value.IsNull ? value : CheckOne(value);
        }

        return value.Kind == ModelValueKind.List
            ? ModelValue.List(value.Items.Select(CheckOne))
            : throw new ArgumentException($"The param {Excerpt.Of(Name)} is a list, but its default {Excerpt.Of(value.ToString())} is none.");
    }

    private ModelValue CheckOne(ModelValue value)
    {
        var fitting = Type.Kind switch
        {
            ColumnKind.Boolean when value.Kind == ModelValueKind.Boolean => value,
            ColumnKind.Integer when value.AsInteger() is >= int.MinValue and <= int.MaxValue => value,
            ColumnKind.Long when value.AsInteger() is not null => value,

            // As Python has it: a whole number for a floating-point one becomes one.
            ColumnKind.Float or ColumnKind.Double when value.AsNumber() is { } number => ModelValue.Of(number),
            ColumnKind.Float or ColumnKind.Double => value.AsText() switch
            {
                "NaN" => ModelValue.Of(double.NaN),
                "Infinity" => ModelValue.Of(double.PositiveInfinity),
                "-Infinity" => ModelValue.Of(double.NegativeInfinity),
                _ => null,
            },
            ColumnKind.String when value.Kind == ModelValueKind.Text => value,
            ColumnKind.DateTime when value.AsText() is { } text
                && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _) => value,
            ColumnKind.Object when value.Kind == ModelValueKind.Map => value,
            _ => null,
        };
        return fitting ?? throw new ArgumentException(
            $"The default of the param {Excerpt.Of(Name)} is {Excerpt.Of(value.ToString())}, which is not of type {Type.Name}.");
    }
}
