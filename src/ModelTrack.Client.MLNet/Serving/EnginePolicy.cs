using Microsoft.Extensions.ObjectPool;
using Microsoft.ML;

namespace ModelTrack.Client.MLNet;

/// <summary>Makes the prediction engines of one version; the transformer below them belongs to the version, not to any of them.</summary>
internal sealed class EnginePolicy<TIn, TOut>(MLContext mlContext, ITransformer transformer, PredictionEngineOptions options)
    : PooledObjectPolicy<PredictionEngine<TIn, TOut>>
    where TIn : class
    where TOut : class, new()
{
    public override PredictionEngine<TIn, TOut> Create()
        => mlContext.Model.CreatePredictionEngine<TIn, TOut>(transformer, options);

    public override bool Return(PredictionEngine<TIn, TOut> obj) => true;
}
