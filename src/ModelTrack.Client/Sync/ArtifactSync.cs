using ModelTrack.Client.Backends;

namespace ModelTrack.Client;

/// <summary>
/// Copies the artifacts that the target lacks. Two files are taken for the same when they have the same path and size: stores tell no more
/// of a file without sending it. A file that cannot be copied does not keep the others from it.
/// </summary>
/// <param name="source">The source.</param>
/// <param name="target">The target.</param>
/// <param name="parallel">How many files of a run at a time.</param>
/// <param name="slots">What all runs share of that.</param>
internal sealed class ArtifactSync(ITrackingBackend source, ITrackingBackend target, int parallel, SemaphoreSlim slots)
{
    /// <param name="run">The run in the source.</param>
    /// <param name="copy">The run in the target; null when there is none, in a dry run.</param>
    /// <param name="isDry">Whether to count only.</param>
    /// <param name="mayReplace">A file of another size is an older state of the source's.</param>
    /// <param name="isOther">Whether a path is of something else than the run's own artifacts.</param>
    /// <param name="tally">What counts.</param>
    /// <param name="cancellationToken">Ends it; files that are copied stay.</param>
    /// <returns>Whether a file in the target is still an older state of the source's, because it could not be replaced.</returns>
    public async Task<bool> CopyAsync(
        RunSnapshot run,
        RunSnapshot? copy,
        bool isDry,
        bool mayReplace,
        Func<string, bool> isOther,
        SyncTally tally,
        CancellationToken cancellationToken)
    {
        var files = await ListAsync(source, run.Id, tally.Fail, cancellationToken).ConfigureAwait(false);
        var there = copy is null || files.Count == 0
            ? []
            : (await ListAsync(target, copy.Id, null, cancellationToken).ConfigureAwait(false))
                .ToDictionary(file => file.Path, file => file.Size);
        var missing = new List<ArtifactInfo>();
        foreach (var file in files.Where(file => !isOther(file.Path)))
        {
            if (!there.TryGetValue(file.Path, out var size) || (IsOtherSize(size, file.Size) && mayReplace))
            {
                missing.Add(file);
            }
            else if (IsOtherSize(size, file.Size))
            {
                tally.AddConflict($"The artifact {Excerpt.Of(file.Path)} has {size} bytes in the target and {file.Size} in the source.");
            }
        }

        var isStale = false;
        await Parallel.ForEachAsync(
            missing,
            new ParallelOptions { MaxDegreeOfParallelism = parallel, CancellationToken = cancellationToken },
            async (file, token) =>
            {
                try
                {
                    if (!isDry)
                    {
                        await CopyFileAsync(run.Id, copy!.Id, file.Path, token).ConfigureAwait(false);
                    }

                    tally.AddArtifact(file.Size ?? 0);
                }
                catch (Exception e) when (SyncFaults.IsOfOneThing(e))
                {
                    tally.Fail($"The artifact {Excerpt.Of(file.Path)} could not be copied: {Sentence.Of(e.Message)}");
                    if (there.ContainsKey(file.Path))
                    {
                        isStale = true;
                    }
                }
            }).ConfigureAwait(false);
        return isStale;
    }

    private static bool IsOtherSize(long? size, long? other) => size is not null && other is not null && size != other;

    private static Task<IReadOnlyList<ArtifactInfo>> ListAsync(
        ITrackingBackend backend, string runId, Action<string>? leaveOut, CancellationToken cancellationToken)
        => ArtifactDownload.ListAsync(ArtifactSource.Of(backend, runId), Path.GetTempPath(), leaveOut, cancellationToken);

    private async ValueTask CopyFileAsync(string runId, string copyId, string path, CancellationToken cancellationToken)
    {
        await slots.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (target.IsRemote)
            {
                await SendFileAsync(runId, copyId, path, cancellationToken).ConfigureAwait(false);
                return;
            }

            var content = await source.OpenArtifactAsync(runId, path, cancellationToken).ConfigureAwait(false);
            await using (content.ConfigureAwait(false))
            {
                await target.WriteArtifactAsync(copyId, path, content, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            slots.Release();
        }
    }

    /// <summary>From a file of its own it can be sent in parts, and again when the connection fails.</summary>
    private async ValueTask SendFileAsync(string runId, string copyId, string path, CancellationToken cancellationToken)
    {
        var temporary = Path.GetTempFileName();
        try
        {
            await source.DownloadArtifactAsync(runId, path, temporary, null, cancellationToken).ConfigureAwait(false);
            await target.UploadArtifactAsync(copyId, path, temporary, null, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}
