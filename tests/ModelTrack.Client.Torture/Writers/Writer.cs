namespace ModelTrack.Client.Torture.Writers;

/// <summary>
/// A process that logs session after session until it is killed, or until its input ends: then it ends its runs and goes. Says
/// <c>ready</c> when it logs.
/// </summary>
internal sealed class Writer(WriterPlan plan)
{
    private readonly Random _random = new(plan.Seed);
    private int _sessions;
    private volatile bool _stops;

    public int Run()
    {
        var input = new Thread(() =>
        {
            Console.In.ReadToEnd();
            _stops = true;
        });
        input.IsBackground = true;
        input.Start();
        using var tracker = new Tracker(new TrackerOptions
        {
            TrackingUri = plan.TrackingUri,
            JournalDirectory = plan.Journals.Length > 0 ? plan.Journals : null,
            ExperimentName = plan.Experiment,
            CaptureContext = false,
            JournalSegmentSize = Math.Min(plan.LargestSegment, OneOf(1 << 16, 1 << 16, 1 << 18, 4 << 20)),
            StartTimeout = TimeSpan.FromSeconds(OneOf(0, 0.5, 2)),
            ShutdownTimeout = TimeSpan.FromSeconds(2),
        });
        RunSessions(tracker);
        return 0;
    }

    private void RunSessions(Tracker tracker)
    {
        for (var says = true; !_stops; says = false)
        {
            var (sessions, threads) = Start(tracker);
            threads.ForEach(thread => thread.Start());
            if (says)
            {
                Console.Out.WriteLine("ready");
                Console.Out.Flush();
            }

            threads.ForEach(thread => thread.Join());
            foreach (var session in Enumerable.Reverse(sessions))
            {
                session.End(OneOf(RunStatus.Finished, RunStatus.Finished, RunStatus.Finished, RunStatus.Failed, RunStatus.Killed));
                session.Dispose();
            }
        }
    }

    /// <summary>One run for all threads, or one for each: then those after the first are its children, or runs that were left by the killed life before.</summary>
    private (List<Session> Sessions, List<Thread> Threads) Start(Tracker tracker)
    {
        var sessions = new List<Session>();
        var threads = new List<Thread>();
        var resumable = _sessions == 0 ? Resumable() : [];
        if (OneOf(true, false))
        {
            var session = Add(sessions, tracker, plan.Threads, resumable, parent: null);
            threads.AddRange(Enumerable.Range(0, plan.Threads).Select(thread => NewThread(session, thread)));
        }
        else
        {
            var hasChildren = OneOf(true, false);
            for (var i = 0; i < plan.Threads; i++)
            {
                var session = Add(sessions, tracker, 1, resumable, hasChildren && i > 0 ? sessions[0] : null);
                threads.Add(NewThread(session, 0));
            }
        }

        return (sessions, threads);
    }

    private Session Add(List<Session> sessions, Tracker tracker, int threads, Queue<(string Name, string Id)> resumable, Session? parent)
    {
        var name = $"{plan.Prefix}{_sessions++:0000}";
        (string Name, string Id)? resumed = parent is null && resumable.Count > 0 && OneOf(true, false) ? resumable.Dequeue() : null;
        var ledger = Ledger.Create(plan.Ledgers, name, threads, resumed?.Name ?? name, parent?.RunName ?? "", resumed is not null);
        var session = Session.Start(tracker, ledger, parent, resumed?.Id, () => _stops);
        sessions.Add(session);
        return session;
    }

    private Thread NewThread(Session session, int thread)
    {
        var seed = Next(int.MaxValue);
        var points = OneOf(50, 500, 5000, 50_000);
        return new Thread(() => session.Log(thread, new Random(seed), points, plan));
    }

    /// <summary>The runs that the life before had open when it was killed, as far as it knew their ids.</summary>
    private Queue<(string Name, string Id)> Resumable()
    {
        var runs = new Queue<(string, string)>();
        foreach (var ledger in plan.Life == 0 ? [] : Ledger.OpenAll(plan.Ledgers, plan.PrefixOf(plan.Life - 1)))
        {
            if (ledger is { State: SessionState.Started, RunId.Length: > 0 })
            {
                runs.Enqueue((ledger.RunName, ledger.RunId));
            }

            ledger.Dispose();
        }

        return runs;
    }

    private T OneOf<T>(params T[] values) => values[Next(values.Length)];

#pragma warning disable CA5394 // A seed must lead to the same numbers again.
    private int Next(int end) => _random.Next(end);
#pragma warning restore CA5394
}
