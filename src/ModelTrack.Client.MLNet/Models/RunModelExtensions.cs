using Microsoft.ML;

namespace ModelTrack.Client.MLNet;

/// <summary>Logs what ML.NET has trained.</summary>
public static class RunModelExtensions
{
    /// <summary>
    /// Stores a model under the flavor <c>mlnet</c>, with its signature. Like everything that is logged it is safe when this returns, and on
    /// the server with the next <see cref="Tracker.FlushAsync"/>; a folder has it at once.
    /// </summary>
    /// <param name="run">The run.</param>
    /// <param name="mlContext">Saves the model.</param>
    /// <param name="model">The model: a trained pipeline, or any other transformer that ML.NET can save.</param>
    /// <param name="inputSchema">The schema of the data that it was trained on, from which its signature is found out too.</param>
    /// <param name="name">The model's name, without <c>/ : . % " '</c>.</param>
    /// <param name="registeredModelName">
    /// The registered model of which it becomes a new version, created when it is new. Default: it is not registered.
    /// </param>
    /// <param name="inputExample">
    /// Data of which the first five rows become the input example: those columns that predictions depend on. Default, and when it has no row: no
    /// example.
    /// </param>
    /// <param name="options">
    /// What else is said of it: metadata, the step, further flavors. A signature or an input example in it goes before those that are found
    /// out. Default: nothing.
    /// </param>
    /// <returns>The run.</returns>
    /// <remarks>
    /// The signature's inputs are the columns that predictions depend on; those that ML.NET wants to be there although nothing depends on them
    /// (the label, where the pipeline turns it into a key) are not required. Its outputs are the columns of scores and what comes after
    /// them; without scores all that are not in the input. Columns of types that MLflow has none for (images, time spans) are left out.
    /// </remarks>
    /// <exception cref="ArgumentException">
    /// The name or an option breaks a rule, the model does not fit the schema, or the example does not have a column that the model needs.
    /// </exception>
    /// <exception cref="InvalidOperationException">The run has ended, or ML.NET cannot save the model.</exception>
    /// <exception cref="IOException">
    /// The store cannot be written, or the files that wait have reached <see cref="TrackerOptions.ArtifactByteCap"/>.
    /// </exception>
    /// <exception cref="ModelTrackException">The folder's registry refused the registered model's name. The model is stored.</exception>
    public static Run LogModel(
        this Run run,
        MLContext mlContext,
        ITransformer model,
        DataViewSchema inputSchema,
        string name = "model",
        string? registeredModelName = null,
        IDataView? inputExample = null,
        LogModelOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(run);
        options = Describe(mlContext, model, inputSchema, registeredModelName, inputExample, options);
        return run.LogModel(folder => MLNetFlavor.Save(mlContext, model, inputSchema, folder), name, options);
    }

    /// <summary>
    /// As <see cref="LogModel"/>, and ends when the model is stored and, where that was asked for, its version is made. The model is journaled
    /// first: should the wait end before, it is stored all the same.
    /// </summary>
    /// <param name="run">The run.</param>
    /// <param name="mlContext">Saves the model.</param>
    /// <param name="model">The model: a trained pipeline, or any other transformer that ML.NET can save.</param>
    /// <param name="inputSchema">The schema of the data that it was trained on, from which its signature is found out too.</param>
    /// <param name="name">The model's name, without <c>/ : . % " '</c>.</param>
    /// <param name="registeredModelName">
    /// The registered model of which it becomes a new version, created when it is new. Default: it is not registered.
    /// </param>
    /// <param name="inputExample">Data of which the first five rows become the input example. Default: no example.</param>
    /// <param name="options">What else is said of it. Default: nothing.</param>
    /// <param name="cancellationToken">Ends the wait, not what is waited for.</param>
    /// <returns>Where it is. A tracker that is disabled stores nothing: the run's id is empty then, and the URI leads nowhere.</returns>
    /// <exception cref="ArgumentException">As in <see cref="LogModel"/>.</exception>
    /// <exception cref="InvalidOperationException">The run has ended, or ML.NET cannot save the model.</exception>
    /// <exception cref="ModelTrackException">
    /// The store or its registry refused it; or the store is away (<see cref="ModelTrackException.IsTransient"/>), and gets it when it is back.
    /// </exception>
    /// <exception cref="OperationCanceledException">The wait was ended.</exception>
    public static async Task<LoggedModelInfo> LogModelAsync(
        this Run run,
        MLContext mlContext,
        ITransformer model,
        DataViewSchema inputSchema,
        string name = "model",
        string? registeredModelName = null,
        IDataView? inputExample = null,
        LogModelOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(run);
        options = Describe(mlContext, model, inputSchema, registeredModelName, inputExample, options);
        return await run.LogModelAsync(folder => MLNetFlavor.Save(mlContext, model, inputSchema, folder), name, options, cancellationToken)
            .ConfigureAwait(false);
    }

    private static LogModelOptions Describe(
        MLContext mlContext,
        ITransformer model,
        DataViewSchema inputSchema,
        string? registeredModelName,
        IDataView? inputExample,
        LogModelOptions? options)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(inputSchema);
        options ??= new LogModelOptions();
        var columns = TransformerColumns.Of(model, inputSchema);
        return options with
        {
            Flavors = new Dictionary<string, ModelValue>(options.Flavors, StringComparer.Ordinal) { [MLNetFlavor.Name] = MLNetFlavor.Describe() },
            Signature = options.Signature ?? columns.ToSignature(),
            InputExample = options.InputExample ?? (inputExample is null ? null : ExampleRows.Of(inputExample, columns.Needed)),
            RegisteredModelName = registeredModelName ?? options.RegisteredModelName,
        };
    }
}
