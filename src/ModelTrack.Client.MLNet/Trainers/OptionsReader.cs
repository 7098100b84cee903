using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;

namespace ModelTrack.Client.MLNet;

/// <summary>
/// The hyper-parameters in a trainer's options: its public fields and properties, but not the names of columns. What options hold that has
/// options of its own (a loss function, a booster, a rule of early stopping) is said by its name, and by these.
/// </summary>
[RequiresUnreferencedCode("Reads public fields and properties by reflection.")]
internal static class OptionsReader
{
    private const int MaxDepth = 4;
    private const string ColumnName = "ColumnName";
    private static readonly string[] Wrappers = ["Options", "OptionsBase", "Arguments"];

    public static IEnumerable<KeyValuePair<string, object?>> Read(object options) => Read(options, "", 0);

    /// <summary>What the options are for: the class around them, or they themselves.</summary>
    public static string NameOf(Type type)
        => Wrappers.Contains(type.Name) && type.DeclaringType is { } outer ? NameOf(outer) : type.Name;

    private static IEnumerable<KeyValuePair<string, object?>> Read(object options, string path, int depth)
    {
        foreach (var (name, type, value) in Members(options))
        {
            if (name.EndsWith(ColumnName, StringComparison.Ordinal) || typeof(Delegate).IsAssignableFrom(type))
            {
                continue;
            }

            var key = path + KeyText.Snake(name);
            if (IsValue(value))
            {
                yield return KeyValuePair.Create(key, value);
                continue;
            }

            yield return KeyValuePair.Create(key, (object?)NameOf(value!.GetType()));
            foreach (var inner in depth < MaxDepth ? Read(value, key + ".", depth + 1) : [])
            {
                yield return inner;
            }
        }
    }

    private static IEnumerable<(string Name, Type Type, object? Value)> Members(object options)
    {
        const BindingFlags Public = BindingFlags.Public | BindingFlags.Instance;
        var fields = options.GetType().GetFields(Public).Select(field => (field.Name, field.FieldType, field.GetValue(options)));
        var properties = options.GetType().GetProperties(Public)
            .Where(property => property.GetMethod is { IsPublic: true } && property.GetIndexParameters().Length == 0)
            .Select(property => (property.Name, property.PropertyType, Get(property, options)));
        return fields.Concat(properties).DistinctBy(member => member.Name).OrderBy(member => member.Name, StringComparer.Ordinal);
    }

    /// <summary>A property that throws has no value.</summary>
    private static object? Get(PropertyInfo property, object options)
    {
        try
        {
            return property.GetValue(options);
        }
        catch (TargetInvocationException)
        {
            return null;
        }
    }

    /// <summary>Whether it is one value for MLflow: a number, a text, an enumeration, a list of them.</summary>
    private static bool IsValue(object? value) => value switch
    {
        null or string or IFormattable or bool or char => true,
        IEnumerable list => list.Cast<object?>().All(IsValue),
        _ => false,
    };
}
