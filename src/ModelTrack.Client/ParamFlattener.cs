using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace ModelTrack.Client;

/// <summary>
/// Params out of an object: its public properties in the order of declaration, or a dictionary's entries; what is nested has its keys
/// joined with a dot. The keys' own rules are checked by who logs them.
/// </summary>
[RequiresUnreferencedCode(Message)]
internal sealed class ParamFlattener
{
    internal const string Message = "Reads the properties of objects by reflection. Use the overload with (name, value) pairs instead.";
    private const int MaxDepth = 16;

    private readonly List<KeyValuePair<string, string>> _params = [];
    private readonly HashSet<string> _keys = [];
    private readonly Stack<object> _path = [];

    private ParamFlattener()
    {
    }

    /// <summary>All params, read at once, so that a failure leaves none logged.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Flatten(object values)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (IsSingleValue(values) || (values is not IDictionary && MembersOf(values) is null))
        {
            throw new ArgumentException(
                $"Params come from an object with properties or from a dictionary; a {values.GetType()} is neither.", nameof(values));
        }

        var flattener = new ParamFlattener();
        flattener.Add("", values);
        return flattener._params;
    }

    /// <summary>The params of one value, below its key.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Flatten(string key, object value)
    {
        ArgumentNullException.ThrowIfNull(key);
        var flattener = new ParamFlattener();
        flattener.Add(key, value);
        return flattener._params;
    }

    /// <summary>
    /// Whether a value is an anonymous object or a record: what has no meaning but its properties. Other classes have a text of their own.
    /// </summary>
    [UnconditionalSuppressMessage("Trimming", "IL2070", Justification = "A record whose members are trimmed away is taken for a single value.")]
    public static bool IsComposite(Type type)
        => IsAnonymous(type)
            || (!typeof(IFormattable).IsAssignableFrom(type)
                && !typeof(System.Collections.IEnumerable).IsAssignableFrom(type)
                && type.GetMethod("PrintMembers", BindingFlags.Instance | BindingFlags.NonPublic, [typeof(System.Text.StringBuilder)]) is { ReturnType: var result }
                && result == typeof(bool));

    private void Add(string key, object? value)
    {
        if (value is null || IsSingleValue(value))
        {
            AddParam(key, ValueText.Format(value));
            return;
        }

        if (_path.Any(ancestor => ReferenceEquals(ancestor, value)))
        {
            throw new ArgumentException($"The value at {Excerpt.Of(key)} contains itself.", nameof(value));
        }

        if (_path.Count > MaxDepth)
        {
            throw new ArgumentException($"The value at {Excerpt.Of(key)} is nested more than {MaxDepth} levels deep.", nameof(value));
        }

        _path.Push(value);
        if (value is IDictionary map)
        {
            foreach (DictionaryEntry entry in map)
            {
                Add(Join(key, ValueText.Format(entry.Key)), entry.Value);
            }
        }
        else if (MembersOf(value) is { } members)
        {
            foreach (var (name, member) in members)
            {
                Add(Join(key, name), member);
            }
        }
        else
        {
            AddParam(key, ValueText.Format(value));
        }

        _path.Pop();
    }

    private void AddParam(string key, string value)
    {
        if (!_keys.Add(key))
        {
            throw new ArgumentException($"Two values have the key {Excerpt.Of(key)}.", nameof(key));
        }

        _params.Add(new(key, value));
    }

    private static string Join(string parent, string name) => parent.Length == 0 ? name : $"{parent}.{name}";

    private static bool IsSingleValue(object value)
        => value is string or IFormattable or IConvertible or Uri or Delegate or MemberInfo or ITuple or System.Globalization.CultureInfo
            or System.Text.Json.JsonDocument or System.Text.Json.JsonElement or System.Text.Json.Nodes.JsonArray
            or System.Text.Json.Nodes.JsonValue;

    /// <summary>Names and values in order; null where the value is a list, or has no properties at all.</summary>
    private static IEnumerable<KeyValuePair<string, object?>>? MembersOf(object value)
    {
        if (value is not IEnumerable items)
        {
            var properties = PropertiesOf(value.GetType());
            return properties.Count == 0 && !IsAnonymous(value.GetType())
                ? null
                : properties.Select(p => KeyValuePair.Create(p.Name, p.GetValue(value, BindingFlags.DoNotWrapExceptions, null, null, null)));
        }

        return PairTypeOf(value.GetType()) is { } pair ? EntriesOf(items, pair) : null;
    }

    private static IEnumerable<KeyValuePair<string, object?>> EntriesOf(IEnumerable items, Type pair)
    {
        var key = pair.GetProperty("Key")!;
        var value = pair.GetProperty("Value")!;
        foreach (var item in items)
        {
            yield return KeyValuePair.Create(ValueText.Format(key.GetValue(item)), value.GetValue(item));
        }
    }

    private static Type? PairTypeOf(Type type) => type.GetInterfaces()
        .Where(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IEnumerable<>))
        .Select(i => i.GetGenericArguments()[0])
        .FirstOrDefault(t => t.IsGenericType && t.GetGenericTypeDefinition() == typeof(KeyValuePair<,>)
            && t.GetGenericArguments()[0] == typeof(string));

    private static List<PropertyInfo> PropertiesOf(Type type)
    {
        var chain = new Stack<Type>();
        for (var t = type; t is not null && t != typeof(object); t = t.BaseType)
        {
            chain.Push(t);
        }

        // Base classes first; a property that a derived class overrides or hides keeps its place but is the derived one.
        var properties = new List<PropertyInfo>();
        foreach (var property in chain.SelectMany(
            t => t.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)))
        {
            if (property.GetMethod is not { IsPublic: true } || property.GetIndexParameters().Length > 0
                || property.PropertyType.IsByRefLike || property.PropertyType.IsPointer)
            {
                continue;
            }

            var place = properties.FindIndex(p => p.Name == property.Name);
            if (place < 0)
            {
                properties.Add(property);
            }
            else
            {
                properties[place] = property;
            }
        }

        return properties;
    }

    // `new { }` has no properties and is still an object of params: none.
    private static bool IsAnonymous(Type type)
        => type.Name.Contains("AnonymousType", StringComparison.Ordinal) && type.IsDefined(typeof(CompilerGeneratedAttribute));
}
