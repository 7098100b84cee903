using System.Globalization;
using System.Text;
using ModelTrack.Client.Backends.Files;

namespace ModelTrack.Client;

/// <summary>An example of what a model takes, which is stored with it and which MLflow shows and can send to a scoring server.</summary>
/// <example>
/// <code>
/// var example = ModelInputExample.DataFrame(["radius", "texture"], [[17.99, 10.38], [20.57, 17.77]]);
/// manifest = manifest with { SavedInputExample = example.WriteTo(folder) };
/// </code>
/// </example>
public sealed class ModelInputExample
{
    private const string FileName = "input_example.json";
    private const string ServingFileName = "serving_input_example.json";
    private const string SplitForm = "dataframe_split";
    private const string InputsForm = "inputs";

    private readonly string _type;
    private readonly string? _orient;
    private readonly string _servingForm;
    private readonly ModelValue _content;
    private readonly ModelValue? _parameters;

    private ModelInputExample(string type, string? orient, string servingForm, ModelValue content, ModelValue? parameters = null)
    {
        _type = type;
        _orient = orient;
        _servingForm = servingForm;
        _content = content;
        _parameters = parameters;
    }

    /// <summary>Rows under named columns.</summary>
    /// <param name="columns">The names.</param>
    /// <param name="rows">The rows, each with a cell for each column; see <see cref="ModelValue.From"/>. NaN and infinities become null.</param>
    /// <returns>The example.</returns>
    /// <exception cref="ArgumentException">A name comes twice, or a row is not as long as the columns are.</exception>
    public static ModelInputExample DataFrame(IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<object?>> rows)
    {
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentNullException.ThrowIfNull(rows);
        if (columns.GroupBy(column => column, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new ArgumentException($"The example has two columns {Excerpt.Of(twice.Key)}.", nameof(columns));
        }

        var content = ModelValue.Map(
            ("columns", ModelValue.List(columns.Select(ModelValue.Of))), ("data", ModelValue.List(ReadRows(rows, columns.Count))));
        return new ModelInputExample("dataframe", "split", SplitForm, content);
    }

    /// <summary>Rows of columns without names.</summary>
    /// <param name="rows">The rows, all of one length.</param>
    /// <returns>The example.</returns>
    /// <exception cref="ArgumentException">The rows are not of one length.</exception>
    public static ModelInputExample DataFrame(IEnumerable<IReadOnlyList<object?>> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return new ModelInputExample(
            "dataframe", "values", SplitForm, ModelValue.Map(("data", ModelValue.List(ReadRows(rows, null)))));
    }

    /// <summary>One tensor without a name.</summary>
    /// <param name="tensor">An array of any rank, or lists in lists: <c>new float[,] { { 1, 2 } }</c>.</param>
    /// <returns>The example.</returns>
    /// <exception cref="ArgumentException">It has NaN or an infinity, which JSON does not have.</exception>
    public static ModelInputExample Tensor(object tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        return new ModelInputExample("ndarray", null, InputsForm, RequireFinite(ModelValue.From(tensor), nameof(tensor)));
    }

    /// <summary>Tensors by their names.</summary>
    /// <param name="tensors">Names and tensors; see <see cref="Tensor"/>.</param>
    /// <returns>The example.</returns>
    /// <exception cref="ArgumentException">There is none, or one has NaN or an infinity, which JSON does not have.</exception>
    public static ModelInputExample Tensors(params (string Name, object Tensor)[] tensors)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        if (tensors.Length == 0)
        {
            throw new ArgumentException("The example has no tensor.", nameof(tensors));
        }

        var content = ModelValue.Map(tensors.Select(
            tensor => KeyValuePair.Create(tensor.Name, RequireFinite(ModelValue.From(tensor.Tensor), nameof(tensors)))));
        return new ModelInputExample("ndarray", null, InputsForm, content);
    }

    /// <summary>Any JSON: an object, a list or a scalar.</summary>
    /// <param name="value">The value; see <see cref="ModelValue.From"/>.</param>
    /// <returns>The example.</returns>
    /// <exception cref="ArgumentException">It has NaN or an infinity, which JSON does not have.</exception>
    public static ModelInputExample Json(object value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return new ModelInputExample("json_object", null, InputsForm, RequireFinite(ModelValue.From(value), nameof(value)));
    }

    /// <summary>The same example with params for the prediction.</summary>
    /// <param name="parameters">Names and values; see <see cref="ModelValue.From"/>.</param>
    /// <returns>A new example.</returns>
    /// <exception cref="ArgumentException">One has NaN or an infinity, which JSON does not have.</exception>
    public ModelInputExample WithParams(params (string Name, object? Value)[] parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        var map = ModelValue.Map(parameters.Select(
            param => KeyValuePair.Create(param.Name, RequireFinite(ModelValue.From(param.Value), nameof(parameters)))));
        return new ModelInputExample(_type, _orient, _servingForm, _content, parameters.Length == 0 ? null : map);
    }

    /// <summary>Writes <c>input_example.json</c> and <c>serving_input_example.json</c>.</summary>
    /// <param name="folder">The model's folder; it exists.</param>
    /// <returns>What the manifest says of them: <see cref="ModelManifest.SavedInputExample"/>.</returns>
    /// <exception cref="IOException">They cannot be written.</exception>
    public SavedInputExample WriteTo(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var content = _parameters is null ? _content : ModelValue.Map((InputsForm, _content), ("params", _parameters));
        Write(folder, FileName, content.ToJson());
        Write(folder, ServingFileName, ToServingJson());
        return new SavedInputExample
        {
            ArtifactPath = FileName,
            ServingInputPath = ServingFileName,
            Type = _type,
            PandasOrient = _orient,
            HasParams = _parameters is not null,
        };
    }

    /// <summary>The example as the body of a request to a scoring server's <c>/invocations</c>.</summary>
    /// <returns>The JSON text.</returns>
    public string ToServingJson() => PythonJson.WriteIndented(
        _parameters is null ? ModelValue.Map((_servingForm, _content)) : ModelValue.Map((_servingForm, _content), ("params", _parameters)));

    private static void Write(string folder, string name, string json)
        => AtomicFile.Replace(Path.Combine(folder, name), Encoding.ASCII.GetBytes(json), folder);

    private static List<ModelValue> ReadRows(IEnumerable<IReadOnlyList<object?>> rows, int? width)
    {
        var result = new List<ModelValue>();
        foreach (var row in rows)
        {
            width ??= row?.Count;
            if (row is null || row.Count != width)
            {
                throw new ArgumentException(
                    string.Create(CultureInfo.InvariantCulture, $"Row {result.Count} has {row?.Count ?? 0} cells, not {width}."), nameof(rows));
            }

            result.Add(NullForNonFinite(ModelValue.From(row)));
        }

        return result;
    }

    // What pandas writes; columns of doubles read it as NaN again.
    private static ModelValue NullForNonFinite(ModelValue value) => value.Kind switch
    {
        ModelValueKind.Number when !double.IsFinite(value.AsNumber()!.Value) => ModelValue.Null,
        ModelValueKind.List => ModelValue.List(value.Items.Select(NullForNonFinite)),
        ModelValueKind.Map => ModelValue.Map(value.Entries.Select(entry => KeyValuePair.Create(entry.Key, NullForNonFinite(entry.Value)))),
        _ => value,
    };

    private static ModelValue RequireFinite(ModelValue value, string paramName)
        => IsFinite(value) ? value : throw new ArgumentException("The example has NaN or an infinity, which JSON does not have.", paramName);

    private static bool IsFinite(ModelValue value) => value.Kind switch
    {
        ModelValueKind.Number => double.IsFinite(value.AsNumber()!.Value),
        ModelValueKind.List => value.Items.All(IsFinite),
        ModelValueKind.Map => value.Entries.All(entry => IsFinite(entry.Value)),
        _ => true,
    };
}
