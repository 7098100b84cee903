using System.Collections;
using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ModelTrack.Client;

public sealed partial class ModelValue
{
    /// <summary>
    /// Makes a value of what .NET has: null, numbers, <see cref="bool"/>, texts, times (ISO 8601), bytes (base64), arrays of any rank, lists,
    /// dictionaries, <see cref="JsonElement"/>, <see cref="JsonNode"/>, and all of these in each other; anything else as its text.
    /// </summary>
    /// <param name="value">The value.</param>
    /// <returns>The same as a model value.</returns>
    /// <exception cref="ArgumentException">
    /// It is nested more than 64 levels deep or in itself, too large, or has a text that is not valid Unicode.
    /// </exception>
    public static ModelValue From(object? value) => Convert(value, 0);

    private static ModelValue Convert(object? value, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new ArgumentException($"The value is nested more than {MaxDepth} levels deep, or contains itself.", nameof(value));
        }

        switch (value)
        {
            case null: return Null;
            case ModelValue known: return known;
            case string text: return Of(text);
            case bool flag: return Of(flag);
            case sbyte or byte or short or ushort or int or uint or long: return Of(System.Convert.ToInt64(value, CultureInfo.InvariantCulture));
            case ulong number: return OfInteger(number);
            case BigInteger number: return OfInteger(number);
            case double number: return Of(number);

            // By its own shortest text: the double nearest to 0.1f is 0.10000000149.
            case float or Half or decimal: return Of(double.Parse(ValueText.Format(value), CultureInfo.InvariantCulture));
            case JsonElement json: return PythonJson.Read(json.GetRawText());
            case JsonNode json: return PythonJson.Read(json.ToJsonString());
            case byte[] or IFormattable: return Of(ValueText.Format(value));
            case Array { Rank: > 1 } array: return FromArray(array, 0, new int[array.Rank]);
            case IDictionary map: return Map(FromMap(map, depth));
            case IEnumerable<KeyValuePair<string, object?>> map:
                return Map(map.Select(entry => KeyValuePair.Create(entry.Key, Convert(entry.Value, depth + 1))));
            case IEnumerable list: return List(FromList(list, depth));
            default: return Of(ValueText.Format(value));
        }
    }

    private static IEnumerable<KeyValuePair<string, ModelValue>> FromMap(IDictionary map, int depth)
    {
        foreach (DictionaryEntry entry in map)
        {
            yield return KeyValuePair.Create(ValueText.Format(entry.Key), Convert(entry.Value, depth + 1));
        }
    }

    private static IEnumerable<ModelValue> FromList(IEnumerable list, int depth)
    {
        var count = 0;
        foreach (var item in list)
        {
            yield return ++count <= MaxWeight
                ? Convert(item, depth + 1)
                : throw new ArgumentException($"The list has more than {MaxWeight} items.", nameof(list));
        }
    }

    private static ModelValue FromArray(Array array, int dimension, int[] index)
    {
        var items = new ModelValue[array.GetLength(dimension)];
        for (var i = 0; i < items.Length; i++)
        {
            index[dimension] = array.GetLowerBound(dimension) + i;
            items[i] = dimension == array.Rank - 1 ? Convert(array.GetValue(index), 0) : FromArray(array, dimension + 1, index);
        }

        return List(items);
    }
}
