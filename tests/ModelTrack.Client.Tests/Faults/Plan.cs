using ModelTrack.Client.Fakes;

namespace ModelTrack.Client.Tests.Faults;

/// <summary>What happens to the next requests of a kind. Safe for calls from several threads.</summary>
internal sealed class Plan(Target target, Deed deed, int times)
{
    private int _asked;

    /// <summary>To how many it has happened.</summary>
    public int Met => Math.Min(_asked, times);

    public Target Target => target;

    public Deed Deed => deed;

    /// <summary>Counts a request; false when there were enough.</summary>
    public bool IsNext() => Interlocked.Increment(ref _asked) <= times;
}
