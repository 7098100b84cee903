using ModelTrack.Client.Backends;

namespace ModelTrack.Client;

/// <summary>
/// Makes a model's folder of what the user gives: a file, a folder, or code that writes one. What is given is not changed; what comes beside
/// it is in a temporary folder that goes with this.
/// </summary>
internal sealed class ModelPreparation : IDisposable
{
    private readonly string _temporary = Directory.CreateTempSubdirectory("modeltrack-model-").FullName;

    private ModelPreparation()
    {
    }

    public ModelDraft Draft { get; private set; } = null!;

    /// <param name="name">The model's name.</param>
    /// <param name="localPath">A file or a folder.</param>
    /// <param name="options">What is said of it.</param>
    /// <param name="now">When it is logged.</param>
    /// <exception cref="ArgumentException">The name, a path or an option breaks a rule.</exception>
    /// <exception cref="FileNotFoundException">There is neither a file nor a folder.</exception>
    /// <exception cref="InvalidDataException">The manifest or the ONNX file is damaged.</exception>
    public static ModelPreparation OfPath(string name, string localPath, LogModelOptions options, DateTimeOffset now)
    {
        CheckName(name);
        ArgumentException.ThrowIfNullOrEmpty(localPath);
        if (!File.Exists(localPath))
        {
            return Directory.Exists(localPath)
                ? Make(prepared => prepared.Complete(name, ListFolder(localPath), options, now))
                : throw new FileNotFoundException($"There is no model file or folder '{localPath}'.", localPath);
        }

        var file = Path.GetFullPath(localPath);
        return Path.GetExtension(file).Equals(".onnx", StringComparison.OrdinalIgnoreCase)
            ? Make(prepared => prepared.CompleteOnnx(name, file, options, now))
            : Make(prepared => prepared.Complete(name, [new ModelDraftFile(ArtifactPath.Normalize(Path.GetFileName(file)), file)], options, now));
    }

    /// <summary>As the other, of what code writes into an empty folder.</summary>
    public static ModelPreparation OfWriter(string name, Action<string> write, LogModelOptions options, DateTimeOffset now)
    {
        CheckName(name);
        ArgumentNullException.ThrowIfNull(write);
        return Make(prepared =>
        {
            var folder = Directory.CreateDirectory(Path.Combine(prepared._temporary, "written")).FullName;
            write(folder);
            prepared.Complete(name, ListFolder(folder), options, now);
        });
    }

    public void Dispose() => Directory.Delete(_temporary, recursive: true);

    private static ModelPreparation Make(Action<ModelPreparation> complete)
    {
        var prepared = new ModelPreparation();
        try
        {
            complete(prepared);
            return prepared;
        }
        catch
        {
            prepared.Dispose();
            throw;
        }
    }

    private static void CheckName(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (!LoggedModelName.IsPossible(name))
        {
            throw new ArgumentException(
                $"A model's name must be without the characters / : . % \" ', as MLflow 3 demands; {Excerpt.Of(name)} has one.", nameof(name));
        }

        _ = ArtifactPath.Normalize(name);
    }

    private static List<ModelDraftFile> ListFolder(string folder)
        => [.. ArtifactUploads.ListFolder(folder, null).Select(file => new ModelDraftFile(file.Path, file.LocalFile)).OrderBy(file => file.Path, StringComparer.Ordinal)];

    /// <summary>The file under the name that MLflow gives it, what its graph says of it, and what of it lies in other files.</summary>
    private void CompleteOnnx(string name, string file, LogModelOptions options, DateTimeOffset now)
    {
        var graph = OnnxGraph.Load(file);
        var environment = options.PythonEnvironment ?? PythonEnvironment.Onnx;
        var flavors = new Dictionary<string, ModelValue>(ModelFlavors.Onnx("model.onnx", environment));
        foreach (var (flavor, value) in options.Flavors)
        {
            flavors[flavor] = value;
        }

        List<ModelDraftFile> files = [new("model.onnx", file)];
        var folder = Path.GetDirectoryName(file)!;
        foreach (var external in graph.ExternalFiles)
        {
            var path = ArtifactPath.Normalize(external);
            var local = Path.Combine(folder, path);
            files.Add(File.Exists(local)
                ? new ModelDraftFile(path, local)
                : throw new FileNotFoundException($"'{file}' has some of its data in the file '{external}', which is not beside it.", local));
        }

        Complete(
            name,
            files,
            options with { Flavors = flavors, Signature = options.Signature ?? graph.ToSignature(), PythonEnvironment = environment },
            now);
    }

    private void Complete(string name, List<ModelDraftFile> files, LogModelOptions options, DateTimeOffset now)
    {
        if (options.RegisteredModelName is { } registered)
        {
            RegistryRules.CheckNewModelName(registered);
        }

        if (options.Metadata is { Kind: not ModelValueKind.Map })
        {
            throw new ArgumentException($"The metadata of a model must be a map, not {options.Metadata.Kind}.", nameof(options));
        }

        var own = files.Find(file => file.Path == ModelManifest.FileName);
        var manifest = own is null ? new ModelManifest() : ModelManifest.Load(own.File);
        files.RemoveAll(file => file.Path == ModelManifest.FileName);
        var flavors = new Dictionary<string, ModelValue>(manifest.Flavors);
        foreach (var (flavor, value) in options.Flavors)
        {
            flavors[flavor] = value;
        }

        if (flavors.Count == 0)
        {
            throw new ArgumentException(
                "A model needs a flavor that says how it is loaded: give LogModelOptions.Flavors, or a folder with a manifest (MLmodel), or an "
                + "ONNX file.",
                nameof(options));
        }

        var generated = Directory.CreateDirectory(Path.Combine(_temporary, "generated")).FullName;
        var example = options.InputExample?.WriteTo(generated);
        options.PythonEnvironment?.WriteTo(generated);
        var beside = ListFolder(generated);
        files.RemoveAll(file => beside.Exists(other => other.Path == file.Path));
        files.AddRange(beside);
        CheckDataIsThere(flavors, files);
        var key = Guid.NewGuid().ToString("N");
        manifest = manifest with
        {
            Flavors = flavors,
            Signature = options.Signature ?? manifest.Signature,
            SavedInputExample = example ?? manifest.SavedInputExample,
            Metadata = options.Metadata ?? manifest.Metadata,
            MlflowVersion = manifest.MlflowVersion ?? ModelManifest.FormatVersion,
            ModelSizeBytes = files.Sum(file => new FileInfo(file.File).Length),
            ModelUuid = key,
            UtcTimeCreated = now,
        };
        Draft = new ModelDraft(key, name, manifest.ToYaml(), files, options.RegisteredModelName, options.ModelType, options.Step);
    }

    /// <summary>A flavor that names a file that is not there would be met by whoever loads the model.</summary>
    private static void CheckDataIsThere(Dictionary<string, ModelValue> flavors, List<ModelDraftFile> files)
    {
        foreach (var (flavor, value) in flavors)
        {
            if (value["data"]?.AsText() is { } data
                && !files.Exists(file => file.Path == data || file.Path.StartsWith(data.TrimEnd('/') + "/", StringComparison.Ordinal)))
            {
                throw new ArgumentException(
                    $"The flavor {Excerpt.Of(flavor)} says that its data are {Excerpt.Of(data)}, and the model has no such file or folder.");
            }
        }
    }
}
