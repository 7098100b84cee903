using System.Diagnostics.Metrics;

namespace ModelTrack.Client.Telemetry;

/// <summary>
/// The meter <c>ModelTrack.Client</c>, of all trackers of the process together, by destination. Records are counted by the journals anyway and only
/// read here when somebody asks, so that a log call does nothing for it.
/// </summary>
internal static class ClientMeter
{
    public const string Name = "ModelTrack.Client";

    private const string Destination = "modeltrack.destination";

    private static readonly Meter Meter = new(Name, typeof(ClientMeter).Assembly.GetName().Version?.ToString(3));
    private static readonly List<TrackerCore> Open = [];

    /// <summary>What trackers that are closed had counted, so that a sum never falls.</summary>
    private static readonly Dictionary<string, DeliveryReport> Closed = [];

    private static readonly Histogram<double> SendDuration = Meter.CreateHistogram<double>(
        "modeltrack.client.send.duration", "s", "How long one send to the store took: records, files or a model of one run.");

    private static readonly Counter<long> RejectedRecords = Meter.CreateCounter<long>(
        "modeltrack.client.records.rejected", "{record}", "Records that the store refused, or that cannot be stored.");

    static ClientMeter()
    {
        Meter.CreateObservableCounter(
            "modeltrack.client.records.accepted", () => Observe(report => report.Accepted), "{record}", "Records that were logged.");
        Meter.CreateObservableCounter(
            "modeltrack.client.records.delivered", () => Observe(report => report.Delivered), "{record}", "Records that the store has.");
        Meter.CreateObservableUpDownCounter(
            "modeltrack.client.records.pending", () => Observe(report => report.Pending), "{record}", "Records that wait in journals of this process.");
    }

    public static void Add(TrackerCore tracker)
    {
        lock (Open)
        {
            Open.Add(tracker);
        }
    }

    /// <summary>It is closed. What still waits is no longer this process's.</summary>
    public static void Remove(TrackerCore tracker, DeliveryReport last)
    {
        lock (Open)
        {
            if (Open.Remove(tracker))
            {
                var known = Closed.GetValueOrDefault(tracker.Backend.Destination) ?? new DeliveryReport();
                Closed[tracker.Backend.Destination] = new DeliveryReport
                {
                    Accepted = known.Accepted + last.Accepted - last.Pending,
                    Delivered = known.Delivered + last.Delivered,
                    Rejected = known.Rejected + last.Rejected,
                };
            }
        }
    }

    /// <param name="kind">What was rejected: metric, param, tag, …</param>
    /// <param name="count">How many.</param>
    /// <param name="reason">A code, not a sentence.</param>
    /// <param name="destination">The store.</param>
    public static void Rejected(string kind, int count, string reason, string destination)
        => RejectedRecords.Add(count, new("modeltrack.record.kind", kind), new("error.type", reason), new(Destination, destination));

    public static void Sent(TimeSpan duration, string destination, string? error)
    {
        if (error is null)
        {
            SendDuration.Record(duration.TotalSeconds, new KeyValuePair<string, object?>(Destination, destination));
        }
        else
        {
            SendDuration.Record(duration.TotalSeconds, new(Destination, destination), new("error.type", error));
        }
    }

    private static List<Measurement<long>> Observe(Func<DeliveryReport, long> read)
    {
        Dictionary<string, long> sums;
        TrackerCore[] open;
        lock (Open)
        {
            sums = Closed.ToDictionary(closed => closed.Key, closed => read(closed.Value));
            open = [.. Open];
        }

        foreach (var tracker in open)
        {
            sums[tracker.Backend.Destination] = sums.GetValueOrDefault(tracker.Backend.Destination) + read(tracker.Report());
        }

        return [.. sums.Select(sum => new Measurement<long>(sum.Value, new KeyValuePair<string, object?>(Destination, sum.Key)))];
    }
}
