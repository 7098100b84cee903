namespace ModelTrack.Client.Tests.Faults;

/// <summary>What a client talks to, and the server is behind.</summary>
internal interface IFront : IAsyncDisposable
{
    Uri Url { get; }

    /// <summary>The next so many requests of a kind meet the fault; all others get through.</summary>
    /// <returns>Tells how many have met it.</returns>
    Func<int> Plan(Target target, Fault fault, int times);
}
