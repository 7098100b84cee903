using System.Globalization;
using ModelTrack.Client.Torture.Checking;

namespace ModelTrack.Client.Torture.Scenarios;

/// <summary>How a scenario went.</summary>
internal sealed record Outcome
{
    public long Accepted { get; init; }

    public long Delivered { get; init; }

    public long Lost { get; init; }

    public long Doubled { get; init; }

    /// <summary>The longest that a log call took.</summary>
    public TimeSpan Blocked { get; init; }

    /// <summary>What happened: kills, outages, what was measured.</summary>
    public string Events { get; init; } = "";

    /// <summary>What must not be.</summary>
    public IReadOnlyList<string> Faults { get; init; } = [];

    /// <summary>Why it could not be run here; null: it was run.</summary>
    public string? Skipped { get; init; }

    public bool IsGood => Lost == 0 && Doubled == 0 && Faults.Count == 0;

    public static Outcome Of(Verdict verdict, string events, IEnumerable<string> faults) => new()
    {
        Accepted = verdict.Accepted,
        Delivered = verdict.Delivered,
        Lost = verdict.LostCount,
        Doubled = verdict.DoubledCount,
        Blocked = verdict.Blocked,
        Events = events + (verdict.Refused > 0 ? $", {verdict.Refused} calls refused and repeated" : ""),
        Faults = [.. verdict.Examples, .. faults],
    };

    public string Line(string scenario, TimeSpan took) => Skipped is not null
        ? $"{scenario,-12} skipped: {Skipped}"
        : string.Create(
            CultureInfo.InvariantCulture,
            $"{scenario,-12} accepted {Accepted}, delivered {Delivered}, lost {Lost}, doubled {Doubled}, blocked {Blocked.TotalMilliseconds:0.0} ms, "
            + $"{took.TotalSeconds:0.0} s ({Events})");
}
