using System.Diagnostics;

namespace ModelTrack.Client.Torture.Writers;

/// <summary>A run as one process writes it. What its calls promised is in its ledger.</summary>
internal sealed class Session : IDisposable
{
    private const int ParamsEvery = 40;
    private const int TagsEvery = 25;
    private const int TextsEvery = 300;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    private readonly Ledger _ledger;
    private readonly Run _run;
    private readonly Func<bool> _stops;

    private Session(Ledger ledger, Run run, Func<bool> stops) => (_ledger, _run, _stops) = (ledger, run, stops);

    public string RunName => _ledger.RunName;

    /// <param name="tracker">Of the process.</param>
    /// <param name="ledger">The session's; disposed with it.</param>
    /// <param name="parent">Whose run its run is a child of.</param>
    /// <param name="resumed">The id of the run that it goes on with; null: a new one.</param>
    /// <param name="stops">Whether the process is to end.</param>
    public static Session Start(Tracker tracker, Ledger ledger, Session? parent, string? resumed, Func<bool> stops)
    {
        Run run = null!;
        Insist(
            () => run = parent is not null ? parent._run.StartChild(ledger.RunName)
                : resumed is not null ? tracker.StartRun(runId: resumed)
                : tracker.StartRun(ledger.RunName),
            () => ledger.CountRefused(0));
        ledger.State = SessionState.Started;
        var session = new Session(ledger, run, stops);
        _ = session.KeepIdAsync();
        return session;
    }

    /// <summary>Logs points and, now and then, the rest, in bursts.</summary>
    public void Log(int thread, Random random, int points, WriterPlan plan)
    {
        var session = _ledger.Session;
        string[] keys = [.. Enumerable.Range(0, Content.Metrics).Select(metric => Content.MetricKey(session, thread, metric))];
        var longest = TimeSpan.Zero;
        long burst = 0;
        for (long n = 1; n <= points && !_stops(); n++)
        {
            var point = Content.Point(n);
            var time = DateTimeOffset.FromUnixTimeMilliseconds(point.TimestampMilliseconds);
            Call(Kind.Point, n, () => _run.LogMetric(keys[n % keys.Length], point.Value, point.Step, time));
            if (n % TagsEvery == 0)
            {
                var count = n / TagsEvery;
                Call(Kind.Tag, count, () => _run.SetTag(Content.TagKey(session, thread), Content.TagValue(count)));
            }

            if (n % ParamsEvery == 0)
            {
                var count = n / ParamsEvery;
                Call(Kind.Param, count, () => _run.LogParam(Content.ParamKey(session, thread, count), Content.ParamValue(count)));
            }

            if (plan.LogsTexts && n % TextsEvery == 0)
            {
                var count = n / TextsEvery;
                Call(Kind.Text, count, () => _run.LogText(Content.TextPath(session, thread, count), Content.Text(session, thread, count)));
            }

            if (--burst < 0)
            {
#pragma warning disable CA5394 // A seed must lead to the same numbers again.
                burst = random.Next(1, 200);
                Thread.Sleep((int)(random.NextDouble() * 2 * burst * 1000 / plan.Rate));
#pragma warning restore CA5394
            }
        }

        void Call(Kind kind, long n, Action call)
        {
            Insist(
                () =>
                {
                    var start = Stopwatch.GetTimestamp();
                    call();
                    var took = Stopwatch.GetElapsedTime(start);
                    _ledger.SetCount(thread, kind, n);
                    if (took > longest)
                    {
                        longest = took;
                        _ledger.SetLongest(thread, took);
                    }
                },
                () => _ledger.CountRefused(thread));
        }
    }

    public void End(RunStatus status)
    {
        _ledger.EndStatus = status;
        _ledger.State = SessionState.Ending;
        Insist(() => _run.End(status), () => _ledger.CountRefused(0));
        _ledger.State = SessionState.Ended;
    }

    public void Dispose() => _ledger.Dispose();

    /// <summary>A call that throws because a disk is full has recorded nothing, and is made again until it does not.</summary>
    private static void Insist(Action call, Action refused)
    {
        while (true)
        {
            try
            {
                call();
                return;
            }
            catch (Exception e) when (e is IOException or ModelTrackException { IsTransient: true })
            {
                refused();
                Thread.Sleep(Pause);
            }
        }
    }

    private async Task KeepIdAsync()
    {
        try
        {
            _ledger.RunId = await _run.GetIdAsync();
        }
        catch (ObjectDisposedException)
        {
            // The session was over before the server was back.
        }
    }
}
