using Microsoft.ML;

namespace ModelTrack.Client.MLNet;

/// <summary>
/// A loaded model, which lives as long as it is served or a prediction of it is under way: whoever is the last to let go frees it.
/// </summary>
internal class ServedVersion(ServedModel model, ITransformer transformer, DataViewSchema inputSchema)
{
    /// <summary>Who serves it is the first of its users.</summary>
    private int _users = 1;

    public ServedModel Model { get; } = model;

    public ITransformer Transformer { get; } = transformer;

    public DataViewSchema InputSchema { get; } = inputSchema;

    /// <summary>False when it has been freed; whoever gets true calls <see cref="Release"/> once.</summary>
    public bool TryUse()
    {
        int users;
        do
        {
            users = Volatile.Read(ref _users);
            if (users == 0)
            {
                return false;
            }
        }
        while (Interlocked.CompareExchange(ref _users, users + 1, users) != users);

        return true;
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _users) == 0)
        {
            Free();
        }
    }

    protected virtual void Free() => (Transformer as IDisposable)?.Dispose();
}
