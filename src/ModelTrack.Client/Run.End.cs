using Microsoft.Extensions.Logging;
using ModelTrack.Client.Lifetime;

namespace ModelTrack.Client;

/// <content>The run's end, which is true: what the store says is how it ended.</content>
public sealed partial class Run
{
    /// <summary>Ends the run as FINISHED and waits until everything logged to it is stored or refused.</summary>
    /// <param name="cancellationToken">Ends the wait; what is not stored yet stays in the journal and is stored later.</param>
    /// <returns>What became of the run's records.</returns>
    /// <exception cref="OperationCanceledException">The wait was ended.</exception>
    public Task<DeliveryReport> EndAsync(CancellationToken cancellationToken = default) => EndAsync(RunStatus.Finished, cancellationToken);

    /// <summary>Ends the run and waits until everything logged to it is stored or refused. A run that has ended keeps its status.</summary>
    /// <param name="status">How it ended.</param>
    /// <param name="cancellationToken">Ends the wait; what is not stored yet stays in the journal and is stored later.</param>
    /// <returns>What became of the run's records.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The status is not one of an ended run.</exception>
    /// <exception cref="OperationCanceledException">The wait was ended.</exception>
    public async Task<DeliveryReport> EndAsync(RunStatus status, CancellationToken cancellationToken = default)
    {
        End(status);
        if (_journaled is null)
        {
            return new DeliveryReport();
        }

        await _tracker.FlushAsync(_journaled, cancellationToken).ConfigureAwait(false);
        lock (_tracker.Journal.Log.Gate)
        {
            return new DeliveryReport
            {
                Accepted = _journaled.Accepted,
                Delivered = _journaled.Delivered,
                Rejected = _journaled.Rejected,
                Rejections = [.. _journaled.Rejections],
            };
        }
    }

    /// <summary>Ends the run without waiting: the end is in the journal when this returns. A run that has ended keeps its status.</summary>
    /// <param name="status">How it ended. Default: FINISHED.</param>
    /// <exception cref="ArgumentOutOfRangeException">The status is not one of an ended run.</exception>
    /// <exception cref="IOException">The disk is full and the journal could not grow. The run is still open.</exception>
    public void End(RunStatus status = RunStatus.Finished)
    {
        if (status is not (RunStatus.Finished or RunStatus.Failed or RunStatus.Killed))
        {
            throw new ArgumentOutOfRangeException(nameof(status), status, "A run ends as Finished, Failed or Killed.");
        }

        TryEnd(status, null);
    }

    /// <summary>
    /// Ends the run as FAILED without waiting. The exception's type, message and stack trace become the tags <c>exception.type</c>,
    /// <c>exception.message</c> and <c>exception.stacktrace</c>.
    /// </summary>
    /// <param name="exception">Why it failed, or null.</param>
    /// <exception cref="IOException">The disk is full and the journal could not grow. The run is still open.</exception>
    public void Fail(Exception? exception = null) => TryEnd(RunStatus.Failed, exception);

    /// <summary>
    /// Ends the run if it is open, and waits for the journal only: FAILED when an exception is passing through the <c>using</c> block
    /// (KILLED when that is a cancellation after a signal or while the host stops), else FINISHED. What the runtime does not tell is taken for FINISHED: native AOT
    /// knows of no exception, nor does any runtime in a <c>finally</c> after an <c>await</c> in it; <see cref="Fail"/> says it there. A <c>catch</c> block that the run was started before counts as
    /// well: a run that is disposed there has failed. One that was started in it has not; nor has one whose code caught an exception, of an
    /// awaited call too, and went on. Does not throw: when the disk is full the log says that the end could not be recorded, and the tracker
    /// tries again when it is disposed.
    /// </summary>
    public void Dispose() => EndAsTheBlockEnds(isTold: ExceptionFlight.IsKnown);

    /// <summary>
    /// Ends the run as <see cref="Dispose"/> does. The runtime does not say whether an exception is passing through <c>await using</c>: a run
    /// that ended FINISHED so becomes FAILED when that exception ends the program, and else stays FINISHED; prefer <c>using</c>, or
    /// <see cref="Tracker.RunAsync(string?, Func{Run, CancellationToken, Task}, string?, IEnumerable{KeyValuePair{string, string}}?, CancellationToken)"/>.
    /// </summary>
    /// <returns>At once.</returns>
    public ValueTask DisposeAsync()
    {
        EndAsTheBlockEnds(isTold: false);
        return ValueTask.CompletedTask;
    }

    /// <param name="isTold">Whether the runtime would tell of an exception that is passing through.</param>
    private void EndAsTheBlockEnds(bool isTold)
    {
        if (ExceptionFlight.Since(_flightMark) is { } exception)
        {
            EndQuietly(exception is OperationCanceledException && _tracker.IsStopping ? RunStatus.Killed : RunStatus.Failed, exception);
        }
        else if (EndQuietly(RunStatus.Finished, null) && !isTold)
        {
            LateFailures.Remember(this);
        }
    }

    /// <summary>
    /// As <see cref="TryEnd"/>, for where an exception would hide another one. A run whose end found no room stays open; the tracker's own
    /// end tries again.
    /// </summary>
    internal bool EndQuietly(RunStatus status, Exception? exception)
    {
        try
        {
            return TryEnd(status, exception);
        }
        catch (ObjectDisposedException)
        {
            // The tracker was closed by another thread just now, and has ended the run.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _tracker.NotEnded(this, e);
        }

        return false;
    }

    internal bool TryEnd(RunStatus status, Exception? exception)
    {
        if (_journaled is null)
        {
            return false;
        }

        lock (_gate)
        {
            if (_ended || _tracker.IsClosed)
            {
                return false;
            }

            if (exception is not null)
            {
                TryDescribe(exception);
            }

            _tracker.Journal.AppendStatus(_journaled, status, EndTime().ToUnixTimeMilliseconds());
            _ended = true;
            _endedAt = ProcessWatch.Thrown;
        }

        _tracker.Forget(this);
        return true;
    }

    /// <summary>
    /// Says KILLED while the run goes on, because a signal is about to end the process. The run keeps the right to its own end: that waits
    /// until this is said, and comes after it.
    /// </summary>
    internal void SayKilled(TimeSpan limit)
    {
        lock (_gate)
        {
            if (!_ended && !_tracker.IsClosed && HasId && limit > TimeSpan.Zero)
            {
                Blocking.TryWait(
                    cancellationToken => _tracker.Backend.UpdateRunAsync(
                        Id, RunStatus.Killed, EndTime(), null, clearEndTime: false, cancellationToken).AsTask(),
                    limit,
                    TimeProvider.System);
            }
        }
    }

    /// <summary>The signal did not end the process. Goes through the journal, where the run's end cannot overtake it.</summary>
    internal void SayRunning()
    {
        lock (_gate)
        {
            if (!_ended && !_tracker.IsClosed)
            {
                _tracker.Journal.AppendStatus(_journaled!, RunStatus.Running, null);
            }
        }
    }

    /// <summary>Now; or, where the clock was set back meanwhile, the run's start, so that no run ends before it began.</summary>
    private DateTimeOffset EndTime()
    {
        var now = _tracker.Clock.GetUtcNow();
        return now > _startTime ? now : _startTime;
    }

    /// <summary>Whether the exception of that number was thrown while the run was open.</summary>
    internal bool WasOpenAt(long thrown) => thrown > _startedAt && thrown <= _endedAt;

    /// <summary>
    /// Says FAILED of a run that has said FINISHED. Goes to the store directly, because the journal may be gone already.
    /// </summary>
    internal void AmendToFailed(Exception exception)
    {
        if (!HasId && !_tracker.IsClosed)
        {
            // The store has not even its start; what it is told in the end is what comes last.
            _tracker.Journal.AppendStatus(_journaled!, RunStatus.Failed, EndTime().ToUnixTimeMilliseconds());
            return;
        }

        var limit = _tracker.Options.ShutdownTimeout;
        Blocking.TryWait(
            async cancellationToken =>
            {
                if (!_tracker.IsClosed)
                {
                    await _tracker.FlushAsync(cancellationToken).ConfigureAwait(false);
                }

                await _tracker.Backend.UpdateRunAsync(Id, RunStatus.Failed, null, null, clearEndTime: false, cancellationToken).ConfigureAwait(false);
                foreach (var (key, text) in Describe(exception))
                {
                    await _tracker.Backend.SetRunTagAsync(Id, key, text, cancellationToken).ConfigureAwait(false);
                }
            },
            limit,
            _tracker.Clock);
    }

    /// <summary>What cannot be said of an exception (a full disk, a tag in the way) must not keep the run from ending.</summary>
    private void TryDescribe(Exception exception)
    {
        try
        {
            foreach (var (key, text) in Describe(exception))
            {
                SetTag(key, text);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            _tracker.Logger.LogWarning(e, "Run {RunId}: the exception that it failed with could not be recorded", Definition!.Label);
        }
    }

    private static IEnumerable<(string Key, string Text)> Describe(Exception exception)
    {
        yield return (SystemTags.ExceptionType, Fit(exception.GetType().FullName ?? exception.GetType().Name));
        yield return (SystemTags.ExceptionMessage, Fit(exception.Message));
        yield return (SystemTags.ExceptionStackTrace, Fit(exception.ToString()));
    }

    /// <summary>Cuts to a tag's length, and mends what is no valid text: an exception's words are not the caller's fault.</summary>
    private static string Fit(string text)
    {
        var cut = text.Length <= Rules.MaxTagValueLength ? text : text[..Rules.MaxTagValueLength];
        return System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(cut));
    }
}
