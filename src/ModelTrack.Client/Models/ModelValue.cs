using System.Globalization;
using System.Numerics;

namespace ModelTrack.Client;

/// <summary>
/// A value in a model's files: what a manifest's YAML or an example's JSON can hold. It does not change, two are equal when they mean the
/// same (a map's order means nothing), and it is safe for use from several threads.
/// </summary>
public sealed partial class ModelValue : IEquatable<ModelValue>
{
    /// <summary>How deep values may lie in each other.</summary>
    internal const int MaxDepth = 64;

    /// <summary>How many values there may be in one, counting those that stand in it more than once as often as they do.</summary>
    internal const int MaxWeight = 4_000_000;

    private readonly string _text;
    private readonly bool _boolean;
    private readonly double _number;
    private readonly BigInteger _integer;
    private readonly ModelValue[] _items = [];
    private readonly KeyValuePair<ModelValue, ModelValue>[] _entries = [];
    private readonly Dictionary<string, ModelValue>? _byName;

    private ModelValue(ModelValueKind kind, string text, bool boolean = false, BigInteger integer = default, double number = 0)
    {
        Kind = kind;
        _text = text;
        _boolean = boolean;
        _integer = integer;
        _number = number;
        Weight = 1 + (text.Length / 64);
    }

    private ModelValue(ModelValue[] items)
        : this(ModelValueKind.List, "")
    {
        _items = items;
        Items = items.AsReadOnly();
        foreach (var item in items)
        {
            Contain(item);
        }
    }

    private ModelValue(KeyValuePair<ModelValue, ModelValue>[] entries)
        : this(ModelValueKind.Map, "")
    {
        _entries = entries;
        _byName = new Dictionary<string, ModelValue>(entries.Length, StringComparer.Ordinal);
        foreach (var (key, value) in entries)
        {
            Contain(value);

            // An alias can put one long key into many maps.
            Weight += key.Weight - 1;
            _byName.TryAdd(key._text, value);
        }

        Entries = entries.Select(entry => KeyValuePair.Create(entry.Key._text, entry.Value)).ToArray().AsReadOnly();
    }

    /// <summary>Null as a value.</summary>
    public static ModelValue Null { get; } = new(ModelValueKind.Null, "null");

    /// <summary>What it is.</summary>
    public ModelValueKind Kind { get; }

    /// <summary>Whether it is <see cref="ModelValueKind.Null"/>.</summary>
    public bool IsNull => Kind == ModelValueKind.Null;

    /// <summary>The values of a list; empty for everything else.</summary>
    public IReadOnlyList<ModelValue> Items { get; } = [];

    /// <summary>The names and values of a map in the order in which they stand there; empty for everything else.</summary>
    public IReadOnlyList<KeyValuePair<string, ModelValue>> Entries { get; } = [];

    /// <summary>The keys of a map: nearly always texts, but YAML allows numbers too.</summary>
    internal IReadOnlyList<KeyValuePair<ModelValue, ModelValue>> RawEntries => _entries;

    /// <summary>How many levels lie below this one.</summary>
    internal int Height { get; private set; }

    internal long Weight { get; private set; }

    /// <summary>The value of that name in a map; null when there is none, or this is no map.</summary>
    /// <param name="name">The name.</param>
    public ModelValue? this[string name] => _byName?.GetValueOrDefault(name);

    /// <summary>A text; null gives <see cref="Null"/>.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="ArgumentException">It is not valid Unicode.</exception>
    public static implicit operator ModelValue(string? text) => Of(text);

    /// <summary>A whole number.</summary>
    /// <param name="number">The number.</param>
    public static implicit operator ModelValue(long number) => Of(number);

    /// <summary>A floating-point number.</summary>
    /// <param name="number">The number.</param>
    public static implicit operator ModelValue(double number) => Of(number);

    /// <summary>True or false.</summary>
    /// <param name="flag">Which.</param>
    public static implicit operator ModelValue(bool flag) => Of(flag);

    /// <summary>Whether two mean the same.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public static bool operator ==(ModelValue? left, ModelValue? right) => left is null ? right is null : left.Equals(right);

    /// <summary>Whether two do not mean the same.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public static bool operator !=(ModelValue? left, ModelValue? right) => !(left == right);

    /// <summary>A text; null gives <see cref="Null"/>.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The value.</returns>
    /// <exception cref="ArgumentException">It is not valid Unicode.</exception>
    public static ModelValue Of(string? text)
    {
        if (text is null)
        {
            return Null;
        }

        Rules.CheckText(text, int.MaxValue, "text", nameof(text));
        return new ModelValue(ModelValueKind.Text, text);
    }

    /// <summary>A whole number.</summary>
    /// <param name="number">The number.</param>
    /// <returns>The value.</returns>
    public static ModelValue Of(long number) => OfInteger(number);

    /// <summary>A floating-point number.</summary>
    /// <param name="number">The number.</param>
    /// <returns>The value.</returns>
    public static ModelValue Of(double number)
        => new(ModelValueKind.Number, number.ToString("R", CultureInfo.InvariantCulture), number: number);

    /// <summary>True or false.</summary>
    /// <param name="flag">Which.</param>
    /// <returns>The value.</returns>
    public static ModelValue Of(bool flag) => new(ModelValueKind.Boolean, flag ? "true" : "false", boolean: flag);

    /// <summary>A list.</summary>
    /// <param name="items">Its values.</param>
    /// <returns>The value.</returns>
    /// <exception cref="ArgumentException">It is nested more than 64 levels deep, or has too many values.</exception>
    public static ModelValue List(params IEnumerable<ModelValue> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        return new ModelValue(items.Select(item => item ?? Null).ToArray());
    }

    /// <summary>A map.</summary>
    /// <param name="entries">Its names and values.</param>
    /// <returns>The value.</returns>
    /// <exception cref="ArgumentException">A name comes twice, it is nested more than 64 levels deep, or has too many values.</exception>
    public static ModelValue Map(params IEnumerable<KeyValuePair<string, ModelValue>> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        return OfEntries([.. entries.Select(entry => KeyValuePair.Create(Of(entry.Key ?? ""), entry.Value ?? Null))]);
    }

    /// <summary>A map.</summary>
    /// <param name="entries">Its names and values.</param>
    /// <returns>The value.</returns>
    /// <exception cref="ArgumentException">A name comes twice, it is nested more than 64 levels deep, or has too many values.</exception>
    public static ModelValue Map(params (string Name, ModelValue Value)[] entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        return Map(entries.Select(entry => KeyValuePair.Create(entry.Name, entry.Value)));
    }

    /// <summary>The text of a <see cref="ModelValueKind.Text"/> or a <see cref="ModelValueKind.Timestamp"/>; null for everything else.</summary>
    /// <returns>The text.</returns>
    public string? AsText() => Kind is ModelValueKind.Text or ModelValueKind.Timestamp ? _text : null;

    /// <summary>The whole number; null when it is none, or greater than a <see cref="long"/> holds.</summary>
    /// <returns>The number.</returns>
    public long? AsInteger()
        => Kind == ModelValueKind.Integer && _integer >= long.MinValue && _integer <= long.MaxValue ? (long)_integer : null;

    /// <summary>The number, whole or not; null for everything else.</summary>
    /// <returns>The number.</returns>
    public double? AsNumber() => Kind switch
    {
        ModelValueKind.Number => _number,
        ModelValueKind.Integer => (double)_integer,
        _ => null,
    };

    /// <summary>True or false; null for everything else.</summary>
    /// <returns>Which.</returns>
    public bool? AsBoolean() => Kind == ModelValueKind.Boolean ? _boolean : null;

    /// <summary>The value as JSON, in the form that Python writes: ASCII, on one line; NaN and infinities as bare words.</summary>
    /// <returns>The text.</returns>
    public string ToJson() => PythonJson.Write(this);

    /// <inheritdoc/>
    public override string ToString() => Kind is ModelValueKind.List or ModelValueKind.Map ? ToJson() : _text;

    /// <summary>Whether the other means the same.</summary>
    /// <param name="other">The other.</param>
    /// <returns>True if so.</returns>
    public bool Equals(ModelValue? other)
    {
        if (ReferenceEquals(this, other))
        {
            return true;
        }

        if (other is null || other.Kind != Kind)
        {
            return false;
        }

        return Kind switch
        {
            ModelValueKind.Null => true,
            ModelValueKind.Boolean => _boolean == other._boolean,
            ModelValueKind.Integer => _integer == other._integer,
            ModelValueKind.Number => _number.Equals(other._number),
            ModelValueKind.List => _items.AsSpan().SequenceEqual(other._items),
            ModelValueKind.Map => MapEquals(other),
            _ => _text == other._text,
        };
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ModelValue);

    /// <inheritdoc/>
    public override int GetHashCode() => Kind switch
    {
        ModelValueKind.Null => 0,
        ModelValueKind.Boolean => _boolean.GetHashCode(),
        ModelValueKind.Integer => _integer.GetHashCode(),
        ModelValueKind.Number => _number.GetHashCode(),
        ModelValueKind.List => HashCode.Combine(Kind, _items.Length),
        ModelValueKind.Map => HashCode.Combine(Kind, _entries.Length),
        _ => _text.GetHashCode(StringComparison.Ordinal),
    };

    internal static ModelValue OfInteger(BigInteger number)
        => new(ModelValueKind.Integer, number.ToString(CultureInfo.InvariantCulture), integer: number);

    internal static ModelValue OfTimestamp(string text) => new(ModelValueKind.Timestamp, text);

    internal static ModelValue OfEntries(KeyValuePair<ModelValue, ModelValue>[] entries)
    {
        var names = new HashSet<ModelValue>(entries.Length);
        foreach (var (key, _) in entries)
        {
            if (!names.Add(key))
            {
                throw new ArgumentException($"The name {Excerpt.Of(key._text)} comes twice.", nameof(entries));
            }
        }

        return new ModelValue(entries);
    }

    /// <summary>The map with one value put in, replaced, or (null) taken out.</summary>
    internal ModelValue With(string name, ModelValue? value)
    {
        var entries = _entries.ToList();
        var index = entries.FindIndex(entry => entry.Key.Kind == ModelValueKind.Text && entry.Key._text == name);
        if (value is null)
        {
            if (index >= 0)
            {
                entries.RemoveAt(index);
            }
        }
        else if (index >= 0)
        {
            entries[index] = KeyValuePair.Create(entries[index].Key, value);
        }
        else
        {
            entries.Add(KeyValuePair.Create(Of(name), value));
        }

        return new ModelValue([.. entries]);
    }

    private void Contain(ModelValue value)
    {
        Height = Math.Max(Height, value.Height + 1);
        Weight += value.Weight;
        if (Height > MaxDepth)
        {
            throw new ArgumentException($"The value is nested more than {MaxDepth} levels deep.");
        }

        if (Weight > MaxWeight)
        {
            throw new ArgumentException($"The value has more than {MaxWeight} values in it.");
        }
    }

    private bool MapEquals(ModelValue other)
    {
        if (_entries.Length != other._entries.Length)
        {
            return false;
        }

        var others = other._entries.ToDictionary();
        return _entries.All(entry => others.TryGetValue(entry.Key, out var value) && entry.Value == value);
    }
}
