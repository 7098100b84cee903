using System.Collections.Concurrent;
using ModelTrack.Client.Fakes;

namespace ModelTrack.Client.Tests.Faults;

/// <summary>A <see cref="FaultyProxy"/> in front of the server.</summary>
internal sealed class SocketFront : IFront
{
    private readonly ConcurrentQueue<Plan> _plans = [];

    public SocketFront(Uri server, TimeProvider clock) => Proxy = new FaultyProxy(server, clock) { Script = Next };

    public Uri Url => Proxy.Url;

    public FaultyProxy Proxy { get; }

    public Func<int> Plan(Target target, Fault fault, int times)
    {
        var plan = new Plan(target, fault.Deed!, times);
        _plans.Enqueue(plan);
        return () => plan.Met;
    }

    public ValueTask DisposeAsync() => Proxy.DisposeAsync();

    private Deed Next(ProxiedRequest request)
    {
        foreach (var plan in _plans)
        {
            if (plan.Target.Is(request.Method, request.Target) && plan.IsNext())
            {
                return plan.Deed;
            }
        }

        return Deed.Pass;
    }
}
