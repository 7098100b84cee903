using Microsoft.ML;

namespace ModelTrack.Client.MLNet;

/// <summary>
/// A model of ML.NET that predicts with classes, by a pool of prediction engines for each version; see <see cref="ModelTrackModel"/>. Safe for
/// use from several threads, which ML.NET's <see cref="PredictionEngine{TSrc, TDst}"/> is not.
/// </summary>
/// <typeparam name="TIn">What goes in: its public fields and properties are ML.NET's columns.</typeparam>
/// <typeparam name="TOut">What comes out, likewise.</typeparam>
/// <example>
/// <code>
/// services.AddModelTrackModel&lt;Tumour, Diagnosis&gt;("models:/breast-cancer@champion");
/// // …
/// var (diagnosis, by) = model.Predict(tumour);
/// </code>
/// </example>
public sealed class ModelTrackModel<TIn, TOut> : ModelTrackModel
    where TIn : class
    where TOut : class, new()
{
    /// <summary>Makes one and begins to load the model.</summary>
    /// <param name="tracker">Finds the model; not disposed with this.</param>
    /// <param name="uri">The model's URI: <c>models:/name@alias</c>, or any other that <see cref="Tracker.Models"/> takes.</param>
    /// <param name="options">How it works. Default: as <see cref="ModelTrackModelOptions"/> says.</param>
    /// <exception cref="ArgumentException">The URI is empty, or an option breaks its rule.</exception>
    public ModelTrackModel(Tracker tracker, string uri, ModelTrackModelOptions? options = null)
        : base(tracker, uri, options ??= new ModelTrackModelOptions(), Opener(options.MaximumRetainedEngines ?? Environment.ProcessorCount * 2))
    {
    }

    /// <summary>Predicts by the version that answers now. Ends by that version, even if another one takes over meanwhile.</summary>
    /// <param name="input">The input.</param>
    /// <returns>The prediction, and which model made it.</returns>
    /// <exception cref="InvalidOperationException">
    /// No model is loaded yet; the message says what is in the way. Or what ML.NET throws at this input.
    /// </exception>
    /// <exception cref="ObjectDisposedException">This is disposed.</exception>
    public ModelPrediction<TOut> Predict(TIn input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var version = (PooledVersion<TIn, TOut>)Use();
        try
        {
            return new ModelPrediction<TOut>(version.Predict(input), version.Model);
        }
        finally
        {
            version.Release();
        }
    }

    private static Func<MLContext, ServedModel, ITransformer, DataViewSchema, ServedVersion> Opener(int maximumRetained)
        => (mlContext, model, transformer, schema) =>
        {
            SignatureFit.Check(model, mlContext.Data.LoadFromEnumerable<TIn>([]).Schema, typeof(TIn).Name);
            return new PooledVersion<TIn, TOut>(mlContext, model, transformer, schema, maximumRetained);
        };
}
