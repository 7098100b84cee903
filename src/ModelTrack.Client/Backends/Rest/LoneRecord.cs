using System.Net;

namespace ModelTrack.Client.Backends.Rest;

/// <summary>When a record that failed alone is the cause: at once by the server's own word, else after some tries of its batch.</summary>
internal static class LoneRecord
{
    /// <summary>In how many tries a record has to fail, alone and while other writes succeed, unless the server itself says that it is the cause.</summary>
    private const int TriesBeforeGuilt = 5;

    /// <summary>What a server says that did not foresee it: it may be the records, and it may pass.</summary>
    public static bool IsAccident(ModelTrackException e) => e is { StatusCode: HttpStatusCode.InternalServerError, IsTransient: true };

    /// <exception cref="IOException">It is tried again.</exception>
    public static void Refuse(RunBatch batch, List<RecordRefusal> refusals, BatchPart part, int index, ModelTrackException refusal)
    {
        if ((IsAccident(refusal) || !refusal.IsServersWord) && ++batch.LoneFailures < TriesBeforeGuilt)
        {
            throw new IOException(refusal.Message, refusal);
        }

        refusals.Add(new RecordRefusal(part, index, refusal.Message));
    }
}
