namespace ModelTrack.Client;

/// <summary>How requests to a server say who sends them. Nothing of it prints a secret.</summary>
internal abstract class ServerCredentials
{
    /// <summary>Those of nobody.</summary>
    public static ServerCredentials None { get; } = new NoCredentials();

    /// <summary>Whether there is anything that must not be overheard.</summary>
    public virtual bool AreSecret => true;

    /// <summary>Adds them to a request.</summary>
    public abstract ValueTask AuthorizeAsync(HttpRequestMessage request, CancellationToken cancellationToken);

    /// <summary>After a request was refused: true when another try may have better ones.</summary>
    public virtual ValueTask<bool> RenewAsync(HttpRequestMessage refused, CancellationToken cancellationToken) => ValueTask.FromResult(false);

    private sealed class NoCredentials : ServerCredentials
    {
        public override bool AreSecret => false;

        public override ValueTask AuthorizeAsync(HttpRequestMessage request, CancellationToken cancellationToken) => default;
    }
}
