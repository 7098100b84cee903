using System.Text.Json;
using Microsoft.Extensions.Logging;
using ModelTrack.Client.Backends;
using ModelTrack.Client.Journal;

namespace ModelTrack.Client.Dispatch;

/// <summary>Keeps what a store refused: in the log, and as a line of JSON in a file beside the journals, which outlives them.</summary>
internal sealed class RejectionLog(JournalPlace? place, ILogger logger)
{
    private const int LoggedInFull = 20;
    private const string RejectedName = "rejected";
    private readonly object _gate = new();

    /// <summary>Its name cannot be foreseen: others may write among the temporary files.</summary>
    private readonly string _temporary = Path.Combine(Path.GetTempPath(), $"modeltrack-{RejectedName}-{Guid.NewGuid():N}");
    private long _count;

    /// <summary>The file for a place of journals.</summary>
    public static string FileOf(JournalPlace place)
        => Path.Combine(place.Folder, place.InsideStore ? ".modeltrack-rejected.jsonl" : RejectedName + ".jsonl");

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
                    rejection.RunId ?? "(no id)", rejection.Kind, rejection.Key, rejection.Reason);
            }
        }

        if (place is null)
        {
            return;
        }

        try
        {
            var path = FileOf(place);
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

    /// <summary>
    /// A file that was stored goes; one that was refused is kept: in the folder <c>rejected</c> beside the journals, or where those are in
    /// memory in a folder of its own among the temporary ones. The log says where.
    /// </summary>
    public void KeepOrRemove(ArtifactRecord artifact, ArtifactStage stage, IReadOnlyList<Rejection> rejections)
    {
        if (!rejections.Any(rejection => rejection.Kind == "artifact" && rejection.Value == artifact.StagedName))
        {
            stage.Remove(artifact.StagedName);
            return;
        }

        try
        {
            var folder = place is null ? _temporary : Path.Combine(place.Folder, RejectedName);
            OwnerOnly.CreateFolder(folder);
            var kept = Path.Combine(folder, $"{Guid.NewGuid():N}-{Path.GetFileName(artifact.Path)}");
            stage.Keep(artifact.StagedName, kept);
            logger.LogWarning(new EventId(11, "ArtifactKept"), "The refused artifact {Path} is kept as {File}", artifact.Path, kept);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            logger.LogWarning(e, "The refused artifact {Path} could not be kept; what was staged of it goes with the journal", artifact.Path);
        }
    }
}
