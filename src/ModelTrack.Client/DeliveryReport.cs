namespace ModelTrack.Client;

/// <summary>
/// What became of the records (metric points, params, tags, artifacts, a run's start and end) of a run or of a whole tracker.
/// <c>Accepted = Delivered + Pending + Rejected</c>, always.
/// </summary>
public sealed record DeliveryReport
{
    internal const int MaxRejections = 1000;

    /// <summary>Records that a call took in, plus those found in adopted journals.</summary>
    public long Accepted { get; init; }

    /// <summary>Records that the store has.</summary>
    public long Delivered { get; init; }

    /// <summary>Records in the journal, on their way.</summary>
    public long Pending => Accepted - Delivered - Rejected;

    /// <summary>Records that the store refused, or for which a full journal had no room.</summary>
    public long Rejected { get; init; }

    /// <summary>The refused records with the reasons: the first 1,000 of them. <see cref="Rejected"/> counts all.</summary>
    public IReadOnlyList<Rejection> Rejections { get; init; } = [];

    private bool PrintMembers(System.Text.StringBuilder text)
    {
        text.Append(System.Globalization.CultureInfo.InvariantCulture, $"Accepted = {Accepted}, Delivered = {Delivered}, Pending = {Pending}, Rejected = {Rejected}");
        return true;
    }
}
