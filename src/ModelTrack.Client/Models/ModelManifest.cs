using System.Globalization;
using System.Text;
using ModelTrack.Client.Backends.Files;

namespace ModelTrack.Client;

/// <summary>
/// A model's manifest: the file <c>MLmodel</c>, which says what is in a model's folder and how it is loaded. It does not change
/// (<c>with { … }</c> makes another one), and keeps what it does not know. Reading executes nothing.
/// </summary>
/// <example>
/// <code>
/// var manifest = ModelManifest.Load("./model");
/// string? file = manifest.Flavors["onnx"]["data"]?.AsText();
/// (manifest with { RunId = run.Id }).Save("./model");
/// </code>
/// </example>
public sealed record ModelManifest
{
    /// <summary>The file's name.</summary>
    public const string FileName = "MLmodel";

    /// <summary>The release of MLflow whose format this client writes.</summary>
    internal const string FormatVersion = "3.11.1";

    /// <summary>Far above any manifest's size.</summary>
    private const int MaxBytes = 8 << 20;

    private const string TimeFormat = "yyyy-MM-dd HH:mm:ss.ffffff";

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly ModelValue _root;
    private readonly ModelSignature? _signature;

    /// <summary>Makes an empty one, with <see cref="MlflowVersion"/> and <see cref="ModelUuid"/> set.</summary>
    public ModelManifest()
        : this(ModelValue.Map(
            ("flavors", ModelValue.Map(Array.Empty<(string, ModelValue)>())),
            ("mlflow_version", FormatVersion),
            ("model_uuid", Guid.NewGuid().ToString("N"))))
    {
    }

    private ModelManifest(ModelValue root)
    {
        _root = root;
        _signature = root["signature"] is { Kind: ModelValueKind.Map } signature && signature.Entries.Any(entry => !entry.Value.IsNull)
            ? ModelSignature.FromManifest(signature)
            : null;
    }

    /// <summary>
    /// Where the model was logged to: the path among the run's artifacts (MLflow 2), or the URI of the model's files (MLflow 3). Null for one
    /// that was only saved.
    /// </summary>
    public string? ArtifactPath
    {
        get => Text("artifact_path");
        init => _root = _root.With("artifact_path", Optional(value));
    }

    /// <summary>How the model can be loaded: by each flavor's name a map of what it needs.</summary>
    public IReadOnlyDictionary<string, ModelValue> Flavors
    {
        get => (_root["flavors"]?.Entries ?? []).ToDictionary();
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            foreach (var (name, options) in value)
            {
                if (options?.Kind != ModelValueKind.Map)
                {
                    throw new ArgumentException($"The flavor {Excerpt.Of(name)} is no map.", nameof(value));
                }
            }

            _root = _root.With("flavors", ModelValue.Map(value.AsEnumerable()));
        }
    }

    /// <summary>Whatever the user wanted to have with the model; null for nothing.</summary>
    public ModelValue? Metadata
    {
        get => _root["metadata"] is { IsNull: false } metadata ? metadata : null;
        init => _root = _root.With("metadata", value);
    }

    /// <summary>The version of MLflow that wrote it, or whose format it has.</summary>
    public string? MlflowVersion
    {
        get => Text("mlflow_version");
        init => _root = _root.With("mlflow_version", Optional(value));
    }

    /// <summary>The id of the logged model of MLflow 3, <c>m-…</c>; null for others.</summary>
    public string? ModelId
    {
        get => Text("model_id");
        init => _root = _root.With("model_id", Optional(value));
    }

    /// <summary>The size of the model's files in bytes, this one not included; null when that is not said.</summary>
    public long? ModelSizeBytes
    {
        get => _root["model_size_bytes"]?.AsInteger();
        init => _root = _root.With("model_size_bytes", value is { } size ? ModelValue.Of(size) : null);
    }

    /// <summary>An id of the model: 32 hexadecimal digits, or what <see cref="ModelId"/> is.</summary>
    public string? ModelUuid
    {
        get => Text("model_uuid");
        init => _root = _root.With("model_uuid", Optional(value));
    }

    /// <summary>The run that logged it; null for one that was only saved.</summary>
    public string? RunId
    {
        get => Text("run_id");
        init => _root = _root.With("run_id", Optional(value));
    }

    /// <summary>Which files hold the example of an input; null when there is none.</summary>
    public SavedInputExample? SavedInputExample
    {
        get => _root["saved_input_example_info"] is { Kind: ModelValueKind.Map } map
            ? ModelTrack.Client.SavedInputExample.FromManifest(map)
            : null;
        init => _root = _root.With("saved_input_example_info", value?.ToManifest());
    }

    /// <summary>What the model takes and gives; null when that is not said.</summary>
    public ModelSignature? Signature
    {
        get => _signature;
        init
        {
            _signature = value;
            _root = _root.With("signature", value?.ToManifest());
        }
    }

    /// <summary>When it was made, in UTC, to the microsecond; null when that is not said, or no time.</summary>
    public DateTimeOffset? UtcTimeCreated
    {
        get => DateTimeOffset.TryParse(
            Text("utc_time_created"),
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var time) ? time : null;
        init => _root = _root.With("utc_time_created", Optional(value?.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture)));
    }

    /// <summary>Everything in the file by its key, what this client does not know included.</summary>
    public IReadOnlyDictionary<string, ModelValue> Entries => _root.Entries.ToDictionary();

    /// <summary>Reads the manifest of a model's folder.</summary>
    /// <param name="path">The folder, or the file <c>MLmodel</c> itself.</param>
    /// <returns>The manifest.</returns>
    /// <exception cref="ModelTrackException">There is none (<see cref="ErrorCode.ResourceDoesNotExist"/>).</exception>
    /// <exception cref="InvalidDataException">It is no manifest; the message says where and why.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static ModelManifest Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var file = Directory.Exists(path) ? Path.Combine(path, FileName) : path;
        byte[] bytes;
        try
        {
            using var content = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (content.Length > MaxBytes)
            {
                throw new InvalidDataException($"{file} is no manifest: it has {content.Length} bytes, and {MaxBytes} at most are accepted.");
            }

            bytes = new byte[content.Length];
            content.ReadExactly(bytes);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ModelTrackException(ErrorCode.ResourceDoesNotExist, $"There is no model at {path}: it has no file {FileName}.", e);
        }
        catch (EndOfStreamException e)
        {
            throw new InvalidDataException($"{file} became shorter while it was read.", e);
        }

        try
        {
            return Read(Utf8.GetString(bytes));
        }
        catch (Exception e) when (e is InvalidDataException or ArgumentException)
        {
            throw new InvalidDataException($"{file} is no manifest: {e.Message}", e);
        }
    }

    /// <summary>Reads a manifest from its text.</summary>
    /// <param name="yaml">The text.</param>
    /// <returns>The manifest.</returns>
    /// <exception cref="InvalidDataException">It is no manifest; the message says where and why.</exception>
    public static ModelManifest Parse(string yaml)
    {
        ArgumentNullException.ThrowIfNull(yaml);
        if (yaml.Length > MaxBytes)
        {
            throw new InvalidDataException($"The text is no manifest: it has {yaml.Length} characters, and {MaxBytes} at most are accepted.");
        }

        try
        {
            return Read(yaml);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"The text is no manifest: {e.Message}", e);
        }
    }

    /// <summary>The manifest as YAML, which MLflow 2 and 3 read.</summary>
    /// <returns>The text.</returns>
    public string ToYaml() => ManifestYamlWriter.Write(_root);

    /// <summary>The manifest as JSON, as MLflow 2's <c>runs/log-model</c> takes it.</summary>
    /// <returns>The text.</returns>
    public string ToJson() => _root.ToJson();

    /// <summary>Writes the file <c>MLmodel</c>, whole or not at all, in the place of one that is there.</summary>
    /// <param name="folder">The model's folder; it exists.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Save(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        AtomicFile.Replace(Path.Combine(folder, FileName), Utf8.GetBytes(ToYaml()), folder);
    }

    /// <summary>Whether the other says the same, what this client does not know included.</summary>
    /// <param name="other">The other.</param>
    /// <returns>True if so.</returns>
    public bool Equals(ModelManifest? other) => other is not null && other._root == _root;

    /// <inheritdoc/>
    public override int GetHashCode() => _root.GetHashCode();

    /// <inheritdoc/>
    public override string ToString() => ToYaml();

    private static ModelManifest Read(string yaml)
    {
        var root = ManifestYamlReader.Read(yaml.StartsWith('\uFEFF') ? yaml[1..] : yaml);
        if (root.Kind != ModelValueKind.Map)
        {
            throw new InvalidDataException(root.IsNull ? "it is empty" : "it is no map of keys and values");
        }

        CheckKinds(root);
        return new ModelManifest(root);
    }

    private static void CheckKinds(ModelValue root)
    {
        foreach (var key in new[] { "artifact_path", "mlflow_version", "model_id", "model_uuid", "run_id", "utc_time_created" })
        {
            if (root[key]?.Kind is ModelValueKind.List or ModelValueKind.Map)
            {
                throw new InvalidDataException($"'{key}' is no text");
            }
        }

        if (root["flavors"] is { Kind: not (ModelValueKind.Map or ModelValueKind.Null) })
        {
            throw new InvalidDataException("'flavors' is no map");
        }

        foreach (var (name, options) in root["flavors"]?.Entries ?? [])
        {
            if (options.Kind != ModelValueKind.Map)
            {
                throw new InvalidDataException($"the flavor {Excerpt.Of(name)} is no map");
            }
        }
    }

    private static ModelValue? Optional(string? text) => text is null ? null : ModelValue.Of(text);

    // A number here was meant as a text: whoever wrote the file forgot the quotes of an id or of a version such as 3.11.
    private string? Text(string key) => _root[key] is { IsNull: false } value ? value.ToString() : null;
}
