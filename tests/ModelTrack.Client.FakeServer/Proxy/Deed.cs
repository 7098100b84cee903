namespace ModelTrack.Client.Fakes;

/// <summary>What a <see cref="FaultyProxy"/> does with one request.</summary>
/// <param name="Reply">What the client gets.</param>
/// <param name="Applies">Whether the server gets the request and carries it out before that.</param>
/// <param name="Answer">The bytes of the answer, head and body; null: the server's own.</param>
internal sealed record Deed(Reply Reply, bool Applies, byte[]? Answer = null)
{
    /// <summary>Called when the server has carried out the request, or would have.</summary>
    public Action Done { get; init; } = () => { };

    /// <summary>The server gets the request only so long after that, by the proxy's clock; null: at once.</summary>
    public TimeSpan? Late { get; init; }

    public static Deed Pass { get; } = new(Reply.Whole, Applies: true);
}
