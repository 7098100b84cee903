using Microsoft.ML;

namespace ModelTrack.Client.MLNet;

/// <summary>
/// The right to use one version of a served model: it is not freed before this is disposed, even if another one answers by then. Hold it as
/// long as a prediction takes.
/// </summary>
public sealed class ModelLease : IDisposable
{
    private readonly ServedVersion _version;
    private int _isReturned;

    internal ModelLease(ServedVersion version) => _version = version;

    /// <summary>The model, with its version.</summary>
    public ServedModel Model => _version.Model;

    /// <summary>
    /// The model itself. <see cref="ITransformer.Transform"/> may be called by several threads; the view that it returns is read under the
    /// lease.
    /// </summary>
    public ITransformer Transformer => _version.Transformer;

    /// <summary>The columns that the model was saved with.</summary>
    public DataViewSchema InputSchema => _version.InputSchema;

    /// <summary>Gives the version back. Further calls do nothing.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isReturned, 1) == 0)
        {
            _version.Release();
        }
    }
}
