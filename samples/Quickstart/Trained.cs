using Microsoft.ML;

namespace Quickstart;

/// <summary>A model that was trained and logged.</summary>
/// <param name="Name">The name of its run.</param>
/// <param name="RunId">Its run, which has the model.</param>
/// <param name="Auc">How good it was in cross-validation.</param>
/// <param name="Model">The model in memory.</param>
internal sealed record Trained(string Name, string RunId, double Auc, ITransformer Model);
