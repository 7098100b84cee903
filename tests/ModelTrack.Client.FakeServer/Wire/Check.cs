using System.Globalization;
using System.Text.Json;

namespace ModelTrack.Client.Fakes.Wire;

/// <summary>
/// Something that has to hold of a field. Types are only looked at when the request could not be read to its end: that is how MLflow
/// finds out which field is to blame, and why it misses some.
/// </summary>
internal sealed class Check
{
    public static readonly Check Required = new("required", ofType: false, value => IsMissing(value) ? "" : null);
    public static readonly Check Text = OfType(value => value.ValueKind == JsonValueKind.String && !IsLiteral(value));
    public static readonly Check Flag = OfType(value => value.ValueKind is JsonValueKind.True or JsonValueKind.False);
    public static readonly Check List = OfType(value => value.ValueKind == JsonValueKind.Array);
    public static readonly Check ListOfTexts
        = OfType(value => Items(value).All(item => item.ValueKind == JsonValueKind.String && !IsLiteral(item)));

    public static readonly Check Integer = OfType(IsIntegerLike);
    public static readonly Check Number = OfType(IsNumberLike);

    private readonly Func<JsonElement, string?> _test;
    private readonly string _name;

    private Check(string name, bool ofType, Func<JsonElement, string?> test) => (_name, IsOfType, _test) = (name, ofType, test);

    public bool IsRequired => _name == "required";

    /// <summary>True when it is skipped for a request that was read to its end.</summary>
    public bool IsOfType { get; }

    public static Check AtMost(long limit) => new("limit", ofType: false, value => ToInteger(value) > limit ? "" : null);

    public static Check Between(long low, long high, string message)
        => new("range", ofType: false, value => ToInteger(value) is var number && (number < low || number > high) ? message : null);

    public static Check Custom(Func<JsonElement, string?> test) => new("custom", ofType: false, test);

    /// <summary>Fields that every element of a list has to have.</summary>
    public static Check EachHas(string list, params string[] names) => Custom(value =>
    {
        var index = 0;
        foreach (var item in Items(value))
        {
            if (item.ValueKind != JsonValueKind.Object)
            {
                throw new ServerCrashException("An element of a list is not an object.");
            }

            foreach (var name in names)
            {
                if (!item.TryGetProperty(name, out var field) || IsMissing(field))
                {
                    return $"Missing value for required parameter '{list}[{index}].{name}'.";
                }
            }

            index++;
        }

        return null;
    });

    /// <exception cref="FakeException">It does not hold.</exception>
    public void Apply(string name, JsonElement value)
    {
        if (_test(value) is not { } failure)
        {
            return;
        }

        var message = failure.Length > 0 ? failure
            : IsRequired ? $"Missing value for required parameter '{name}'."
            : $"Invalid value {PythonText.Json(value)} for parameter '{name}' supplied:  Hint: Value was of type"
                + $" '{PythonText.TypeName(value)}'.";
        throw FakeException.Invalid(message + " See the API docs for more information about request parameters.");
    }

    private static Check OfType(Func<JsonElement, bool> holds) => new("type", ofType: true, value => holds(value) ? null : "");

    private static bool IsMissing(JsonElement value)
        => value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null
            || (value.ValueKind == JsonValueKind.String && value.ValueEquals(""u8));

    private static bool IsLiteral(JsonElement value)
        => value.ValueKind == JsonValueKind.String && RequestBody.IsLiteral(value.GetString()!);

    private static JsonElement.ArrayEnumerator Items(JsonElement value)
        => value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : throw new ServerCrashException("A list was expected.");

    private static bool IsIntegerLike(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => true,
        JsonValueKind.String => !IsLiteral(value) && long.TryParse(value.GetString(), CultureInfo.InvariantCulture, out _),
        _ => throw new ServerCrashException("int() takes no such value."),
    };

    private static bool IsNumberLike(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => true,
        JsonValueKind.String => IsLiteral(value) || PythonText.ToNumber(value.GetString()!) is not null,
        _ => throw new ServerCrashException("float() takes no such value."),
    };

    private static long ToInteger(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.TryGetInt64(out var number) ? number : (long)value.GetDouble(),
        JsonValueKind.String => long.TryParse(value.GetString(), CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new ServerCrashException("int() takes no such text."),
        _ => throw new ServerCrashException("int() takes no such value."),
    };
}
