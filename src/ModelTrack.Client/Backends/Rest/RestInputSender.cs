using System.Net;
using ModelTrack.Client.Backends.Rest.Wire;
using ModelTrack.Client.Dispatch;

namespace ModelTrack.Client.Backends.Rest;

/// <summary>
/// Stores the data sets of a batch. It may be done any number of times: servers add what they have not yet. That is why a refusal counts
/// when it was given twice: two runs that bring the same new data set at the same moment are in each other's way in a database, once.
/// </summary>
internal sealed class RestInputSender(RunsApi runs, ServerFeatures features)
{
    /// <summary>A little below what MLflow documents as the greatest body.</summary>
    private const int MaxBodyBytes = Rules.MaxInputBytes;

    private static readonly Version Since = new(2, 4);

    public async Task SendAsync(RunBatch batch, List<RecordRefusal> refusals, CancellationToken cancellationToken)
    {
        foreach (var group in Groups(batch.Inputs))
        {
            if (await TrySendAsync(batch, group, cancellationToken).ConfigureAwait(false) is not { } first)
            {
                continue;
            }

            foreach (var index in group)
            {
                var again = RestErrors.IsMissingRoute(first) ? first : await TrySendAsync(batch, [index], cancellationToken).ConfigureAwait(false);
                if (again is { } refusal)
                {
                    await RefuseAsync(batch, index, refusal, refusals, cancellationToken).ConfigureAwait(false);
                }
            }
        }
    }

    private static IEnumerable<List<int>> Groups(List<DatasetInput> inputs)
    {
        var group = new List<int>();
        var bytes = 0;
        for (var i = 0; i < inputs.Count; i++)
        {
            var more = Journal.InputJson.Size(inputs[i]);
            if (group.Count > 0 && bytes + more > MaxBodyBytes)
            {
                yield return group;
                group = [];
                bytes = 0;
            }

            group.Add(i);
            bytes += more;
        }

        if (group.Count > 0)
        {
            yield return group;
        }
    }

    /// <summary>Null when they are stored; the server's answer when it may be about them.</summary>
    private async Task<ModelTrackException?> TrySendAsync(RunBatch batch, List<int> indexes, CancellationToken cancellationToken)
    {
        try
        {
            var datasets = indexes.ConvertAll(index => ToWire(batch.Inputs[index]));
            await runs.LogInputsAsync(new LogInputsRequest(batch.RunId, datasets), cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (ModelTrackException e) when (RestErrors.IsMissingRoute(e)
            || e.StatusCode == HttpStatusCode.InternalServerError
            || (e.StatusCode != HttpStatusCode.NotFound && DeliveryFaults.Of(e) == DeliveryFault.Refused))
        {
            return e;
        }
    }

    private async Task RefuseAsync(
        RunBatch batch, int index, ModelTrackException refusal, List<RecordRefusal> refusals, CancellationToken cancellationToken)
    {
        // Throws when it is no server of MLflow's that answers just now, but what stands before it.
        var run = await runs.GetAsync(batch.RunId, cancellationToken).ConfigureAwait(false);
        if (run.ToSnapshot().LifecycleStage == LifecycleStage.Deleted)
        {
            refusals.Add(new RecordRefusal(BatchPart.Input, index, Refusals.DeletedRun(batch.RunId)));
            return;
        }

        if (RestErrors.IsMissingRoute(refusal))
        {
            if (await HasRouteAsync(cancellationToken).ConfigureAwait(false))
            {
                // Somebody else's page.
                throw refusal;
            }

            refusals.Add(new RecordRefusal(
                BatchPart.Input, index, $"The server keeps no data sets of runs; MLflow's do since 2.4. {refusal.Message}"));
            return;
        }

        if (LoneRecord.IsAccident(refusal))
        {
            await CheckTakesWritesAsync(batch, refusal, cancellationToken).ConfigureAwait(false);
        }

        LoneRecord.Refuse(batch, refusals, BatchPart.Input, index, refusal);
    }

    /// <summary>Whether the server is known to be of a version that keeps data sets.</summary>
    private async Task<bool> HasRouteAsync(CancellationToken cancellationToken)
    {
        var facts = await features.GetAsync(cancellationToken).ConfigureAwait(false);
        return Version.TryParse(facts.Version?.Split(['-', '+', 'r'])[0].Replace(".dev", ".", StringComparison.Ordinal), out var version)
            && version >= Since;
    }

    /// <summary>Throws what the server said when it takes no other write either: its disk is full, perhaps.</summary>
    private async Task CheckTakesWritesAsync(RunBatch batch, ModelTrackException refusal, CancellationToken cancellationToken)
    {
        try
        {
            await runs.SetTagAsync(batch.RunId, SystemTags.Probe, "1", cancellationToken).ConfigureAwait(false);
            await runs.DeleteTagAsync(batch.RunId, SystemTags.Probe, cancellationToken).ConfigureAwait(false);
        }
        catch (ModelTrackException e) when (e.StatusCode != HttpStatusCode.NotFound)
        {
            batch.LoneFailures = 0;
            throw refusal;
        }
    }

    private static WireDatasetInput ToWire(DatasetInput input) => new(
        WirePair.ListOf(input.Tags),
        new WireDataset(input.Name, input.Digest, input.SourceType, input.Source, input.Schema, input.Profile));
}
