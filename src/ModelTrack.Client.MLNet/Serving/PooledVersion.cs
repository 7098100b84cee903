using Microsoft.Extensions.ObjectPool;
using Microsoft.ML;

namespace ModelTrack.Client.MLNet;

/// <summary>A loaded model with its prediction engines, of which each serves one thread at a time.</summary>
internal sealed class PooledVersion<TIn, TOut> : ServedVersion
    where TIn : class
    where TOut : class, new()
{
    private readonly ObjectPool<PredictionEngine<TIn, TOut>> _engines;

    /// <exception cref="Exception">The model and the types do not go together, in ML.NET's words.</exception>
    public PooledVersion(MLContext mlContext, ServedModel model, ITransformer transformer, DataViewSchema inputSchema, int maximumRetained)
        : base(model, transformer, inputSchema)
    {
        // Found out once for all engines: many are made when many threads predict at a time.
        var options = RowTypes.OptionsFor<TIn, TOut>(mlContext, transformer, inputSchema, model.Uri);
        options.OwnsTransformer = false;
        _engines = new DefaultObjectPoolProvider { MaximumRetained = maximumRetained }.Create(new EnginePolicy<TIn, TOut>(mlContext, transformer, options));

        // The first engine shows that TIn and TOut fit, before the version answers anybody.
        _engines.Return(_engines.Get());
    }

    public TOut Predict(TIn input)
    {
        var engine = _engines.Get();
        TOut output;
        try
        {
            output = engine.Predict(input);
        }
        catch
        {
            // What broke off in the middle of a row is not used again.
            engine.Dispose();
            throw;
        }

        _engines.Return(engine);
        return output;
    }

    protected override void Free()
    {
        (_engines as IDisposable)?.Dispose();
        base.Free();
    }
}
