using System.Text.Json;
using Microsoft.Extensions.Logging;
using ModelTrack.Client.Journal;

namespace ModelTrack.Client.Dispatch;

/// <summary>Keeps what a store refused: in the log, and as a line of JSON in a file beside the journals, which outlives them.</summary>
internal sealed class RejectionLog(JournalPlace? place, ILogger logger)
{
    private const int LoggedInFull = 20;
    private readonly object _gate = new();
    private long _count;

    public void Add(IReadOnlyList<Rejection> rejections)
    {
        if (rejections.Count == 0)
        {
            return;
        }

        foreach (var rejection in rejections)
        {
            if (Interlocked.Increment(ref _count) <= LoggedInFull)
            {
                logger.LogWarning(
                    new EventId(3, "RecordRejected"),
                    "Run {RunId}: {Kind} '{Key}' was rejected: {Reason}",
                    rejection.RunId, rejection.Kind, rejection.Key, rejection.Reason);
            }
        }

        if (place is null)
        {
            return;
        }

        try
        {
            var path = Path.Combine(place.Folder, place.InsideStore ? ".modeltrack-rejected.jsonl" : "rejected.jsonl");
            lock (_gate)
            {
                using var file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
                foreach (var rejection in rejections)
                {
                    file.Write(JsonSerializer.SerializeToUtf8Bytes(rejection, JournalJson.Default.Rejection));
                    file.WriteByte((byte)'\n');
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            logger.LogWarning(e, "{Count} rejected records could not be kept in a file; they are in the report", rejections.Count);
        }
    }
}
