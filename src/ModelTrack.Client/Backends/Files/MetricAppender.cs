using Microsoft.Win32.SafeHandles;

namespace ModelTrack.Client.Backends.Files;

/// <summary>
/// Appends a batch's points to a run's metric files: one write for each key, in order of logging within the key, each point once,
/// whatever the process that tried before died of. Works under the run's lock, which MLflow's Python does not know.
/// <para>
/// First all files are looked at, then the lengths are noted in the journal, once, then the files are written. A batch that is tried
/// again finds by the note what it has left (<see cref="PriorAppend"/>): a part at the end of the file is continued in place, since that
/// needs no second copy of the file on a full disk; a part with lines of others behind it is put right by a rewrite. A rewrite never
/// moves the place where the lines begin, so the note stays true if this try dies too.
/// </para>
/// <para>
/// A file without a final line feed is either complete (MLflow reads it so) or torn by a dead process. Nothing is ever glued to it.
/// If the last line is legal, it is closed by a line feed: no point is lost, and if it was a torn one (<c>0.5 1</c> of <c>0.5 12</c>), its
/// adopter recognises it and puts it right. If it is not legal, MLflow can read neither the file nor its whole experiment, and it is half
/// a point that is of use to nobody: it is taken out. Where it is ours, the journal still has it, and its adopter finds its lines to
/// end at a line's end and puts in the rest. Both go by a rewrite together with the new lines, so that no state between can be seen.
/// </para>
/// <para>
/// A new file gets its name when it has its content: MLflow cannot read an empty one. What a full disk has cut short is taken back to the
/// last whole line at once. Not closed: a line that Python appends in the microseconds in which a full disk's tear is taken back.
/// </para>
/// </summary>
internal sealed class MetricAppender(string runFolder, TempFile temp)
{
    private readonly string _folder = FileLayout.Metrics(runFolder);
    private readonly MetricFileRewriter _rewriter = new(temp);

    /// <exception cref="IOException">To be tried again as it is.</exception>
    public void Append(RunBatch batch, List<RecordRefusal> refusals, CancellationToken cancellationToken)
    {
        if (batch.Metrics.Count == 0)
        {
            return;
        }

        using var groups = new MetricGroups(batch.Metrics);
        using var lines = new LineBuffer();
        Directory.CreateDirectory(_folder);

        var plans = new AppendPlan[groups.Count];
        var note = batch.NoteAppends is null ? null : new Dictionary<int, long>(groups.Count);
        for (var i = 0; i < plans.Length; i++)
        {
            plans[i] = Look(groups, i, lines, batch.PriorAppends, refusals);
            if (plans[i].Step != AppendStep.Refuse)
            {
                note?.Add(groups.KeyNumber(i), plans[i].Start);
            }
        }

        // From here on the batch is carried through; a cancelled half would only make work for the next try.
        cancellationToken.ThrowIfCancellationRequested();
        if (note is not null)
        {
            batch.NoteAppends!(note);
        }

        for (var i = 0; i < plans.Length; i++)
        {
            if (plans[i].Step is not (AppendStep.Refuse or AppendStep.Nothing))
            {
                Store(groups, i, plans[i], lines, refusals);
            }
        }
    }

    private AppendPlan Look(
        MetricGroups groups, int group, LineBuffer lines, IReadOnlyDictionary<int, long>? prior, List<RecordRefusal> refusals)
    {
        var key = groups.Key(group);
        if (KeyPath.Refusal(key) is { } reason)
        {
            Refuse(groups, group, reason, refusals);
            return default;
        }

        try
        {
            var path = KeyPath.Of(_folder, key);
            if (prior is null || !prior.TryGetValue(groups.KeyNumber(group), out var noted))
            {
                return MetricLook.First(path);
            }

            groups.Format(group, lines);
            return MetricLook.Again(path, lines.Written, noted);
        }
        catch (Exception e) when (KeyPath.Conflict(_folder, key, e) is { } conflict)
        {
            Refuse(groups, group, conflict, refusals);
            return default;
        }
    }

    private void Store(MetricGroups groups, int group, AppendPlan plan, LineBuffer lines, List<RecordRefusal> refusals)
    {
        var key = groups.Key(group);
        groups.Format(group, lines);
        try
        {
            if (plan.Step != AppendStep.Create || !TryCreate(key, lines.Written))
            {
                Change(KeyPath.Of(_folder, key), plan, lines.Written);
            }
        }
        catch (Exception e) when (KeyPath.Conflict(_folder, key, e) is { } conflict)
        {
            // Made by an earlier key of this batch, or by another process just now.
            Refuse(groups, group, conflict, refusals);
        }
    }

    private bool TryCreate(string key, ReadOnlySpan<byte> lines)
    {
        KeyPath.CreateParent(_folder, key);
        temp.Write(lines);
        return temp.TryMoveToNew(KeyPath.Of(_folder, key));
    }

    private void Change(string path, AppendPlan plan, ReadOnlySpan<byte> lines)
    {
        using var file = AppendFile.TryOpen(path) ?? throw new FileNotFoundException($"'{path}' was removed while it was written.");
        switch (plan.Step)
        {
            case AppendStep.Continue:
                AppendWhole(path, file, lines[plan.Stored..]);
                CloseGap(path, file, plan, lines);
                break;
            case AppendStep.Rewrite:
                _rewriter.Replace(path, file, plan.Keep, plan.CloseLine, lines, plan.Resume);
                break;
            default:
                AppendWhole(path, file, lines);
                break;
        }
    }

    private static void AppendWhole(string path, SafeFileHandle file, ReadOnlySpan<byte> bytes)
    {
        var written = 0;
        try
        {
            written = AppendFile.Append(file, bytes, path);
        }
        finally
        {
            if (written < bytes.Length)
            {
                TornEnd.TakeBack(file);
            }
        }

        if (written < bytes.Length)
        {
            throw new IOException($"Only {written} of {bytes.Length} bytes could be appended to '{path}': the disk may be full.");
        }
    }

    /// <summary>A line that Python appended between our look and our write stands in the middle of our lines: it goes behind them.</summary>
    private void CloseGap(string path, SafeFileHandle file, AppendPlan plan, ReadOnlySpan<byte> lines)
    {
        var tail = MetricFileRewriter.Read(file, plan.Start + plan.Stored).AsSpan();
        var rest = lines[plan.Stored..];
        var gap = tail.StartsWith(rest) ? 0 : tail.IndexOf([(byte)'\n', .. rest]) + 1;
        if (gap > 0)
        {
            byte[] whole = [.. lines, .. tail[..gap]];
            _rewriter.Replace(path, file, plan.Start, closeLine: false, whole, plan.Start + plan.Stored + gap + rest.Length);
        }
    }

    private static void Refuse(MetricGroups groups, int group, string reason, List<RecordRefusal> refusals)
    {
        var text = $"Metric '{groups.Key(group)}' cannot be stored: {reason}.";
        foreach (var index in groups.Indices(group))
        {
            refusals.Add(new RecordRefusal(BatchPart.Metric, index, text));
        }
    }
}
