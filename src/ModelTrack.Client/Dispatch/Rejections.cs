using System.Globalization;
using ModelTrack.Client.Backends;
using ModelTrack.Client.Journal;

namespace ModelTrack.Client.Dispatch;

/// <summary>Says refused records in the user's words.</summary>
internal static class Rejections
{
    private const string DamagedKey = "The journal's record of its key is damaged.";
    private const string UnknownForm = "The journal's record of it has a form that this version does not know.";

    public static IReadOnlyList<Rejection> Of(RunSlice slice, IReadOnlyList<RecordRefusal> refusals)
        => refusals.Count == 0 && slice.Unreadable == 0
            ? []
            : [.. refusals.Select(refusal => Describe(slice, refusal.Part, refusal.Index, refusal.Reason)), .. Unreadable(slice)];

    public static IReadOnlyList<Rejection> OfAll(RunSlice slice, string reason) =>
    [
        .. Enumerable.Range(0, slice.Batch.Params.Count).Select(i => Describe(slice, BatchPart.Param, i, reason)),
        .. Enumerable.Range(0, slice.Batch.Tags.Count).Select(i => Describe(slice, BatchPart.Tag, i, reason)),
        .. Enumerable.Range(0, slice.Batch.Metrics.Count).Select(i => Describe(slice, BatchPart.Metric, i, reason)),
        .. Enumerable.Range(0, slice.Batch.Artifacts.Count).Select(i => Describe(slice, BatchPart.Artifact, i, reason)),
        .. Enumerable.Range(0, slice.Batch.Inputs.Count).Select(i => Describe(slice, BatchPart.Input, i, reason)),
        .. slice.Batch.Model is null ? Array.Empty<Rejection>() : [Describe(slice, BatchPart.Model, 0, reason)],
        .. slice.Batch.Status is null ? Array.Empty<Rejection>() : [Describe(slice, BatchPart.Status, 0, reason)],
        .. Unreadable(slice),
    ];

    private static IEnumerable<Rejection> Unreadable(RunSlice slice)
        => Enumerable.Repeat(Make(slice, "metric", "?", "?", DamagedKey), slice.UnreadablePoints)
            .Concat(slice.UnreadableInputs.Select(name => Make(slice, "input", name, "?", UnknownForm)));

    private static Rejection Describe(RunSlice slice, BatchPart part, int index, string reason)
    {
        var batch = slice.Batch;
        var (name, key, value) = part switch
        {
            BatchPart.Metric => ("metric", batch.Metrics[index].Key, batch.Metrics[index].Point.Value.ToString(CultureInfo.InvariantCulture)),
            BatchPart.Param => ("param", batch.Params[index].Key, batch.Params[index].Value),
            BatchPart.Artifact => ("artifact", batch.Artifacts[index].Path, batch.Artifacts[index].StagedName),
            BatchPart.Input => ("input", batch.Inputs[index].Name, batch.Inputs[index].Digest),
            BatchPart.Model => ("model", batch.Model!.Name, batch.Model.StagedName),
            BatchPart.Tag => ("tag", batch.Tags[index].Key, batch.Tags[index].Value ?? ""),
            _ => ("status", "status", batch.Status?.Status.ToString() ?? ""),
        };
        return Make(slice, name, key, value, reason);
    }

    /// <summary>Where no id tells which run it is, the reason does.</summary>
    private static Rejection Make(RunSlice slice, string kind, string key, string value, string reason)
    {
        var run = slice.Run.Definition;
        return new Rejection(run.RunId, kind, key, value, run.RunId is null ? $"Run {run.Label} could not be created: {reason}" : reason);
    }
}
