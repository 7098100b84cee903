using System.Net.NetworkInformation;

namespace ModelTrack.Client;

/// <summary>What all interfaces have received and sent since the monitor began, the loopback's traffic included, as in MLflow.</summary>
internal sealed class NetworkSource : ISystemSource
{
    private (long Received, long Sent)? _start;

    public IEnumerable<SystemSample> Read()
    {
        var now = Count();
        var start = _start ??= now;
        yield return new("network_receive_megabytes", Math.Max(0, now.Received - start.Received) / 1e6, IsTotal: true);
        yield return new("network_transmit_megabytes", Math.Max(0, now.Sent - start.Sent) / 1e6, IsTotal: true);
    }

    private static (long Received, long Sent) Count()
    {
        var counts = NetworkInterface.GetAllNetworkInterfaces().Select(network => network.GetIPStatistics()).ToList();
        return (counts.Sum(count => count.BytesReceived), counts.Sum(count => count.BytesSent));
    }
}
