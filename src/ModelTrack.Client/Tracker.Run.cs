namespace ModelTrack.Client;

/// <content>Code that runs in a run, which ends as the code ends.</content>
public sealed partial class Tracker
{
    /// <summary>
    /// Runs code in a run, and ends the run as the code ended: FINISHED, FAILED with the exception recorded, or KILLED when it was cancelled
    /// (an <see cref="OperationCanceledException"/>).
    /// </summary>
    /// <param name="name">The run's name. Default: one that is made up.</param>
    /// <param name="body">The code. What it throws passes through.</param>
    /// <param name="experiment">The experiment's name, as in <see cref="StartRun"/>.</param>
    /// <param name="tags">Tags to set.</param>
    public void Run(string? name, Action<Run> body, string? experiment = null, IEnumerable<KeyValuePair<string, string>>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(body);
        Run<object?>(
            name,
            run =>
            {
                body(run);
                return null;
            },
            experiment,
            tags);
    }

    /// <summary>As the other overload, for code that returns something.</summary>
    /// <typeparam name="T">What it returns.</typeparam>
    /// <param name="name">The run's name. Default: one that is made up.</param>
    /// <param name="body">The code. What it throws passes through.</param>
    /// <param name="experiment">The experiment's name, as in <see cref="StartRun"/>.</param>
    /// <param name="tags">Tags to set.</param>
    /// <returns>What the code returned.</returns>
    public T Run<T>(string? name, Func<Run, T> body, string? experiment = null, IEnumerable<KeyValuePair<string, string>>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(body);
        var run = StartRun(name, experiment, tags);
        try
        {
            var result = body(run);
            run.End();
            return result;
        }
        catch (OperationCanceledException e)
        {
            run.EndQuietly(RunStatus.Killed, e);
            throw;
        }
        catch (Exception e)
        {
            run.EndQuietly(RunStatus.Failed, e);
            throw;
        }
    }

    /// <summary>
    /// Runs code in a run, and ends the run as the code ended: FINISHED, FAILED with the exception recorded, or KILLED when it was cancelled
    /// (by the token, by a signal, or because the host stops). Does not wait until everything is stored; see <see cref="FlushAsync"/>.
    /// </summary>
    /// <param name="name">The run's name. Default: one that is made up.</param>
    /// <param name="body">The code; gets the token. What it throws passes through.</param>
    /// <param name="experiment">The experiment's name, as in <see cref="StartRun"/>.</param>
    /// <param name="tags">Tags to set.</param>
    /// <param name="cancellationToken">Handed to the code.</param>
    /// <returns>When the code has ended.</returns>
    public Task RunAsync(
        string? name,
        Func<Run, CancellationToken, Task> body,
        string? experiment = null,
        IEnumerable<KeyValuePair<string, string>>? tags = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(body);
        return RunAsync<object?>(
            name,
            async (run, token) =>
            {
                await body(run, token).ConfigureAwait(false);
                return null;
            },
            experiment,
            tags,
            cancellationToken);
    }

    /// <summary>As the other overload, for code that returns something.</summary>
    /// <typeparam name="T">What it returns.</typeparam>
    /// <param name="name">The run's name. Default: one that is made up.</param>
    /// <param name="body">The code; gets the token. What it throws passes through.</param>
    /// <param name="experiment">The experiment's name, as in <see cref="StartRun"/>.</param>
    /// <param name="tags">Tags to set.</param>
    /// <param name="cancellationToken">Handed to the code.</param>
    /// <returns>What the code returned.</returns>
    public async Task<T> RunAsync<T>(
        string? name,
        Func<Run, CancellationToken, Task<T>> body,
        string? experiment = null,
        IEnumerable<KeyValuePair<string, string>>? tags = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(body);
        var run = await StartRunAsync(name, experiment, tags, cancellationToken: cancellationToken).ConfigureAwait(false);
        try
        {
            var result = await body(run, cancellationToken).ConfigureAwait(false);
            run.End();
            return result;
        }
        catch (OperationCanceledException e) when (cancellationToken.IsCancellationRequested || _core.IsStopping)
        {
            run.EndQuietly(RunStatus.Killed, e);
            throw;
        }
        catch (Exception e)
        {
            run.EndQuietly(RunStatus.Failed, e);
            throw;
        }
    }
}
