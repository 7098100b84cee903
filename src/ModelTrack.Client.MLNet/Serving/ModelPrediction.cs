namespace ModelTrack.Client.MLNet;

/// <summary>A prediction, and the model that made it.</summary>
/// <typeparam name="TOut">The type of the prediction.</typeparam>
/// <param name="Value">The prediction.</param>
/// <param name="Model">The model, with its version.</param>
public readonly record struct ModelPrediction<TOut>(TOut Value, ServedModel Model);
