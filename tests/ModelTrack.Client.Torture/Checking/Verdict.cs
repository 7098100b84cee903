namespace ModelTrack.Client.Torture.Checking;

/// <summary>What a store has of what was promised.</summary>
internal sealed class Verdict
{
    private const int MostOfEach = 5;

    private readonly List<string> _lost = [];
    private readonly List<string> _doubled = [];
    private readonly List<string> _wrong = [];

    /// <summary>Calls that returned.</summary>
    public long Accepted { get; private set; }

    /// <summary>Of these, how many are stored.</summary>
    public long Delivered { get; private set; }

    /// <summary>Of these, how many are not.</summary>
    public long LostCount { get; private set; }

    /// <summary>What is stored once more than it was logged, or was not logged.</summary>
    public long DoubledCount { get; private set; }

    /// <summary>What is stored as something else than was logged, in another order, or with another end.</summary>
    public long WrongCount { get; private set; }

    /// <summary>Calls that threw because there was no room, and were made again.</summary>
    public long Refused { get; private set; }

    /// <summary>The longest that a log call took.</summary>
    public TimeSpan Blocked { get; private set; }

    /// <summary>The first of what is lost, doubled or wrong.</summary>
    public IReadOnlyList<string> Examples => [.. _lost, .. _doubled, .. _wrong];

    public bool IsGood => LostCount + DoubledCount + WrongCount == 0;

    public void Count(string what, bool isAcknowledged, int times) => Count(() => what, isAcknowledged, times);

    public void Count(Func<string> what, bool isAcknowledged, int times)
    {
        if (isAcknowledged)
        {
            Accepted++;
            if (times == 0)
            {
                LostCount++;
                Say(_lost, () => "lost: " + what());
            }
            else
            {
                Delivered++;
            }
        }

        if (times > 1)
        {
            DoubledCount += times - 1;
            Say(_doubled, () => "doubled: " + what());
        }
    }

    public void Doubled(string what)
    {
        DoubledCount++;
        Say(_doubled, () => "doubled: " + what);
    }

    public void Wrong(string what)
    {
        WrongCount++;
        Say(_wrong, () => "wrong: " + what);
    }

    public void Took(TimeSpan longest, long refused)
    {
        Blocked = longest > Blocked ? longest : Blocked;
        Refused += refused;
    }

    private static void Say(List<string> examples, Func<string> what)
    {
        if (examples.Count < MostOfEach)
        {
            examples.Add(what());
        }
    }
}
