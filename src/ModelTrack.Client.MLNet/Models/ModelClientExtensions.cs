using Microsoft.ML;

namespace ModelTrack.Client.MLNet;

/// <summary>Loads what ML.NET has trained: <c>tracker.Models</c>.</summary>
public static class ModelClientExtensions
{
    /// <summary>Brings a model to the local disk, as <see cref="ModelClient.DownloadAsync"/> does, and loads it.</summary>
    /// <param name="models">Finds the model.</param>
    /// <param name="mlContext">Loads it.</param>
    /// <param name="uri">The model's URI, for example <c>models:/cancer@champion</c>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The model. What packages of ML.NET it is made with, such as Microsoft.ML.FastTree, the program must have too.</returns>
    /// <exception cref="ArgumentException">It is no model URI.</exception>
    /// <exception cref="ModelTrackException">
    /// There is no such model (<see cref="ErrorCode.ResourceDoesNotExist"/>); it is not ready, was not logged with the flavor
    /// <c>mlnet</c>, or the file that its manifest names is missing (<see cref="ErrorCode.InvalidState"/>); or the store cannot be reached.
    /// </exception>
    /// <exception cref="InvalidDataException">The manifest or the model's file is damaged.</exception>
    /// <exception cref="IOException">The local disk fails, or is full.</exception>
    public static async Task<ITransformer> LoadMLNetAsync(
        this ModelClient models, MLContext mlContext, string uri, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(models);
        ArgumentNullException.ThrowIfNull(mlContext);
        var local = await models.DownloadAsync(uri, cancellationToken: cancellationToken).ConfigureAwait(false);
        return MLNetFlavor.Load(mlContext, local, out _);
    }

    /// <summary>
    /// As <see cref="LoadMLNetAsync"/>, for predictions one by one. Sizes of vectors and numbers of keys need not be said by attributes: the
    /// model knows them.
    /// </summary>
    /// <typeparam name="TIn">A row of what goes in: its fields and properties are columns, as everywhere in ML.NET.</typeparam>
    /// <typeparam name="TOut">A row of what comes out.</typeparam>
    /// <param name="models">Finds the model.</param>
    /// <param name="mlContext">Loads it.</param>
    /// <param name="uri">The model's URI, for example <c>models:/cancer@champion</c>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The engine, which is for one thread at a time.</returns>
    /// <exception cref="ArgumentException">It is no model URI, or the model cannot predict row by row.</exception>
    /// <exception cref="ModelTrackException">
    /// As <see cref="LoadMLNetAsync"/>; or one of the types does not have what the model needs or gives: the message has the column and the type
    /// that is expected (<see cref="ErrorCode.InvalidParameterValue"/>).
    /// </exception>
    /// <exception cref="InvalidDataException">The manifest or the model's file is damaged.</exception>
    /// <exception cref="IOException">The local disk fails, or is full.</exception>
    public static async Task<PredictionEngine<TIn, TOut>> LoadPredictionEngineAsync<TIn, TOut>(
        this ModelClient models, MLContext mlContext, string uri, CancellationToken cancellationToken = default)
        where TIn : class
        where TOut : class, new()
    {
        ArgumentNullException.ThrowIfNull(models);
        ArgumentNullException.ThrowIfNull(mlContext);
        var local = await models.DownloadAsync(uri, cancellationToken: cancellationToken).ConfigureAwait(false);
        var model = MLNetFlavor.Load(mlContext, local, out var inputSchema);
        return RowTypes.CreateEngine<TIn, TOut>(mlContext, model, inputSchema, local.Uri);
    }
}
