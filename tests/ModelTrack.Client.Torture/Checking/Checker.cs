using ModelTrack.Client.Torture.Writers;

namespace ModelTrack.Client.Torture.Checking;

/// <summary>
/// Compares what sessions were promised with what a store has: all that was acknowledged once, and of what was not at most one call a
/// thread, which was under way when its process was killed.
/// </summary>
internal sealed class Checker(StoreHabits habits)
{
    private readonly Verdict _verdict = new();
    private readonly Dictionary<string, StoredRun> _runs = new(StringComparer.Ordinal);

    public static Verdict Check(IReadOnlyList<Ledger> sessions, IEnumerable<StoredRun> stored, StoreHabits habits)
    {
        var checker = new Checker(habits);
        checker.Check(sessions, stored);
        return checker._verdict;
    }

    private void Check(IReadOnlyList<Ledger> sessions, IEnumerable<StoredRun> stored)
    {
        foreach (var run in stored)
        {
            if (!_runs.TryAdd(run.Name, run))
            {
                _verdict.Doubled($"run {run.Name}: {_runs[run.Name].Id} and {run.Id}");
            }
        }

        var runs = sessions.GroupBy(session => session.RunName).ToDictionary(group => group.Key, group => group.ToList());
        foreach (var name in _runs.Keys.Except(runs.Keys))
        {
            _verdict.Doubled($"run {name}, which nobody started");
        }

        foreach (var (name, its) in runs)
        {
            CheckRun(name, its);
        }
    }

    private void CheckRun(string name, List<Ledger> sessions)
    {
        var isAcknowledged = sessions[0].State != SessionState.Starting;
        var run = _runs.GetValueOrDefault(name);
        _verdict.Count($"run {name}", isAcknowledged, run is null ? 0 : 1);
        if (run is not null)
        {
            CheckStatus(run, sessions);
            CheckParent(run, sessions[0].ParentName);
        }

        foreach (var session in sessions)
        {
            var unacknowledged = new int[session.Threads];
            for (var thread = 0; thread < session.Threads; thread++)
            {
                _verdict.Took(session.Longest(thread), session.Refused(thread));
                unacknowledged[thread] = CheckPoints(run, session, thread)
                    + CheckEach(Kind.Param, session, thread, n => ValueOf(run?.Params, Content.ParamKey(session.Session, thread, n)), Content.ParamValue)
                    + CheckEach(
                        Kind.Text,
                        session,
                        thread,
                        n => ValueOf(run?.Files, Content.TextPath(session.Session, thread, n)),
                        n => Content.Text(session.Session, thread, n))
                    + CheckTag(run, session, thread);
                if (unacknowledged[thread] > 1)
                {
                    _verdict.Doubled($"{unacknowledged[thread]} things of thread {thread} of {session.Session} in {name} that it had not logged");
                }
            }
        }

        if (run is not null)
        {
            CheckStrangers(run, sessions);
        }
    }

    /// <summary>How many there are that were not acknowledged.</summary>
    private int CheckPoints(StoredRun? run, Ledger session, int thread)
    {
        var promised = session.Count(thread, Kind.Point);
        var times = new byte[promised + 2];
        for (var metric = 0; metric < Content.Metrics; metric++)
        {
            var key = Content.MetricKey(session.Session, thread, metric);
            long last = 0;
            foreach (var point in run?.Points.GetValueOrDefault(key) ?? [])
            {
                var n = point.Step;
                if (n < 1 || n > promised + 1 || n % Content.Metrics != metric)
                {
                    _verdict.Doubled($"{key} step {n} in {session.RunName}, of which {promised} were logged");
                    continue;
                }

                times[n] += times[n] < byte.MaxValue ? (byte)1 : (byte)0;
                if (Stored(point) != Stored(Content.Point(n)))
                {
                    _verdict.Wrong($"{key} step {n} in {session.RunName} is {point} and was {Content.Point(n)}");
                }

                if (habits.KeepsOrder && n < last)
                {
                    _verdict.Wrong($"{key} in {session.RunName}: step {n} comes after step {last}");
                }

                last = n;
            }
        }

        for (var n = 1L; n < times.Length; n++)
        {
            var place = n;
            _verdict.Count(() => $"{Content.MetricKey(session.Session, thread, (int)(place % Content.Metrics))} step {place} in {session.RunName}", n <= promised, times[n]);
        }

        return times[^1] > 0 ? 1 : 0;
    }

    private int CheckEach(Kind what, Ledger session, int thread, Func<long, string?> stored, Func<long, string> logged)
    {
        var promised = session.Count(thread, what);
        for (var n = 1L; n <= promised + 1; n++)
        {
            var place = n;
            var value = stored(n);
            _verdict.Count(() => $"{what} {place} of thread {thread} of {session.Session} in {session.RunName}", n <= promised, value is null ? 0 : 1);
            if (value is not null && value != logged(n))
            {
                _verdict.Wrong($"{what} {n} of thread {thread} of {session.Session} in {session.RunName} is '{value}' and was '{logged(n)}'");
            }
        }

        return stored(promised + 1) is null ? 0 : 1;
    }

    /// <summary>The latest value is the one that is kept.</summary>
    private int CheckTag(StoredRun? run, Ledger session, int thread)
    {
        var promised = session.Count(thread, Kind.Tag);
        var value = ValueOf(run?.Tags, Content.TagKey(session.Session, thread));
        var what = $"tag of thread {thread} of {session.Session} in {session.RunName}";
        if (promised > 0 || value is not null)
        {
            _verdict.Count(what, promised > 0, value is null ? 0 : 1);
        }

        var isNext = value == Content.TagValue(promised + 1);
        if (value is not null && !isNext && value != Content.TagValue(promised))
        {
            _verdict.Wrong($"{what} is '{value}' and was '{Content.TagValue(promised)}'");
        }

        return isNext ? 1 : 0;
    }

    /// <summary>What is in the run and comes from no session of it.</summary>
    private void CheckStrangers(StoredRun run, List<Ledger> sessions)
    {
        var known = sessions.Select(session => session.Session).ToHashSet();
        foreach (var key in run.Points.Keys.Concat(run.Params.Keys).Concat(run.Files.Keys))
        {
            if (!known.Contains(key.Split('/', '.')[0]))
            {
                _verdict.Doubled($"{key} in {run.Name}, which nobody logged there");
            }
        }
    }

    /// <summary>How the last session left it: ended as it ended, or killed.</summary>
    private void CheckStatus(StoredRun run, List<Ledger> sessions)
    {
        HashSet<RunStatus> may = [];
        foreach (var session in sessions)
        {
            may = session.State switch
            {
                SessionState.Ended => [session.EndStatus],
                SessionState.Ending => [session.EndStatus, RunStatus.Failed],
                SessionState.Started => [RunStatus.Failed],
                _ => [.. may, RunStatus.Failed],
            };
        }

        if (!may.Contains(run.Status))
        {
            _verdict.Wrong($"{run.Name} is {run.Status} and should be {string.Join(" or ", may)} ({string.Join("; ", sessions)})");
        }
    }

    private void CheckParent(StoredRun run, string parentName)
    {
        var expected = parentName.Length == 0 ? null : _runs.GetValueOrDefault(parentName)?.Id;
        if (run.ParentId != expected)
        {
            _verdict.Wrong($"{run.Name} is a child of {run.ParentId ?? "none"} and should be one of {parentName} ({expected})");
        }
    }

    private MetricPoint Stored(MetricPoint point) => !habits.IsDatabase ? point : point with
    {
        Value = double.IsInfinity(point.Value) ? Math.CopySign(double.MaxValue, point.Value) : point.Value == 0 ? 0 : point.Value,
    };

    private static string? ValueOf(IReadOnlyDictionary<string, string>? values, string key) => values?.GetValueOrDefault(key);
}
