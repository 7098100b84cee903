using ModelTrack.Client.Journal;
using ModelTrack.Client.Lifetime;

namespace ModelTrack.Client;

/// <content>Models: what a training is for.</content>
public sealed partial class Run
{
    /// <summary>
    /// Stores a model. Like everything that is logged it is safe when this returns, and on the server with the next
    /// <see cref="Tracker.FlushAsync"/>; a folder has it at once. A server of MLflow 3 gets a logged model, older ones and folders get it among
    /// the run's artifacts.
    /// </summary>
    /// <param name="localPath">
    /// A file, or a folder with all that belongs to the model, a manifest (MLmodel) perhaps. They may be changed or deleted when this returns.
    /// Of an ONNX file Python's flavors, the signature and what Python needs are found out, and data that it keeps in other files come along.
    /// </param>
    /// <param name="name">The model's name, without <c>/ : . % " '</c>.</param>
    /// <param name="options">What is said of it. Default: nothing.</param>
    /// <returns>This run.</returns>
    /// <exception cref="ArgumentException">
    /// The name or an option breaks a rule, nothing says how the model is loaded, or a flavor names a file that is not there.
    /// </exception>
    /// <exception cref="FileNotFoundException">There is neither a file nor a folder of that path.</exception>
    /// <exception cref="InvalidDataException">The manifest or the ONNX file is damaged.</exception>
    /// <exception cref="InvalidOperationException">The run has ended.</exception>
    /// <exception cref="IOException">
    /// A file cannot be read, or the store not be written; or the files that wait have reached <see cref="TrackerOptions.ArtifactByteCap"/>.
    /// </exception>
    /// <exception cref="ModelTrackException">The folder's registry refused the registered model's name. The model is stored.</exception>
    public Run LogModel(string localPath, string name = "model", LogModelOptions? options = null)
    {
        if (_journaled is not null)
        {
            CheckIsOpen();
            using var prepared = ModelPreparation.OfPath(name, localPath, options ?? new LogModelOptions(), _tracker.Clock.GetUtcNow());
            Store(prepared.Draft);
        }

        return this;
    }

    /// <summary>As the other, of a model that code writes.</summary>
    /// <param name="write">Called once with the path of an empty folder; what it writes there is the model. Not called by a disabled tracker.</param>
    /// <param name="name">The model's name, without <c>/ : . % " '</c>.</param>
    /// <param name="options">What is said of it.</param>
    /// <returns>This run.</returns>
    /// <exception cref="ArgumentException">
    /// The name or an option breaks a rule, nothing says how the model is loaded, or a flavor names a file that is not there.
    /// </exception>
    public Run LogModel(Action<string> write, string name = "model", LogModelOptions? options = null)
    {
        if (_journaled is not null)
        {
            CheckIsOpen();
            using var prepared = ModelPreparation.OfWriter(name, write, options ?? new LogModelOptions(), _tracker.Clock.GetUtcNow());
            Store(prepared.Draft);
        }

        return this;
    }

    /// <summary>
    /// As <see cref="LogModel(string, string, LogModelOptions)"/>, and ends when the model is stored and, where that was asked for, its version
    /// is made. The model is journaled first: should the wait end before, it is stored all the same.
    /// </summary>
    /// <param name="localPath">A file, or a folder with all that belongs to the model.</param>
    /// <param name="name">The model's name, without <c>/ : . % " '</c>.</param>
    /// <param name="options">What is said of it. Default: nothing.</param>
    /// <param name="cancellationToken">Ends the wait, not what is waited for.</param>
    /// <returns>Where it is. A tracker that is disabled stores nothing: the run's id is empty then, and the URI leads nowhere.</returns>
    /// <exception cref="ArgumentException">As in <see cref="LogModel(string, string, LogModelOptions)"/>.</exception>
    /// <exception cref="ModelTrackException">
    /// The store or its registry refused it; or the store is away (<see cref="ModelTrackException.IsTransient"/>), and gets it when it is back.
    /// </exception>
    /// <exception cref="OperationCanceledException">The wait was ended.</exception>
    public async Task<LoggedModelInfo> LogModelAsync(
        string localPath, string name = "model", LogModelOptions? options = null, CancellationToken cancellationToken = default)
    {
        if (_journaled is null)
        {
            return NotStored(name);
        }

        CheckIsOpen();
        using var prepared = ModelPreparation.OfPath(name, localPath, options ?? new LogModelOptions(), _tracker.Clock.GetUtcNow());
        return await StoreAsync(prepared.Draft, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>As the other, of a model that code writes.</summary>
    /// <param name="write">Called once with the path of an empty folder; what it writes there is the model. Not called by a disabled tracker.</param>
    /// <param name="name">The model's name, without <c>/ : . % " '</c>.</param>
    /// <param name="options">What is said of it.</param>
    /// <param name="cancellationToken">Ends the wait, not what is waited for.</param>
    /// <returns>Where it is. A tracker that is disabled stores nothing: the run's id is empty then, and the URI leads nowhere.</returns>
    /// <exception cref="ModelTrackException">
    /// The store or its registry refused it; or the store is away (<see cref="ModelTrackException.IsTransient"/>), and gets it when it is back.
    /// </exception>
    public async Task<LoggedModelInfo> LogModelAsync(
        Action<string> write, string name = "model", LogModelOptions? options = null, CancellationToken cancellationToken = default)
    {
        if (_journaled is null)
        {
            return NotStored(name);
        }

        CheckIsOpen();
        using var prepared = ModelPreparation.OfWriter(name, write, options ?? new LogModelOptions(), _tracker.Clock.GetUtcNow());
        return await StoreAsync(prepared.Draft, cancellationToken).ConfigureAwait(false);
    }

    private static LoggedModelInfo NotStored(string name) => new(name, "", $"{RunsUri.Scheme}:/none/{name}", null, new ModelManifest(), null, null);

    private void Store(ModelDraft draft)
    {
        if (_tracker.Backend.IsRemote)
        {
            Stage(draft);
            return;
        }

        Blocking.Wait(new ValueTask<LoggedModelInfo>(_tracker.Models.PublishAsync(Id, draft, CancellationToken.None)));
        _tracker.Journal.Log.CountDelivered(_journaled!);
    }

    private async Task<LoggedModelInfo> StoreAsync(ModelDraft draft, CancellationToken cancellationToken)
    {
        LoggedModelInfo info;
        if (_tracker.Backend.IsRemote)
        {
            var stored = _tracker.Models.Await(draft.Key);
            Stage(draft);
            await WhileStoreIsThereAsync(
                async token =>
                {
                    await _tracker.FlushAsync(_journaled!, token).ConfigureAwait(false);
                    await stored.WaitAsync(token).ConfigureAwait(false);
                },
                "the model is safe in the journal, and stored when the store is back.",
                cancellationToken).ConfigureAwait(false);
            info = await stored.ConfigureAwait(false);
        }
        else
        {
            info = await _tracker.Models.PublishAsync(Id, draft, cancellationToken).ConfigureAwait(false);
            _tracker.Journal.Log.CountDelivered(_journaled!);
        }

        if (info.Version is { } version)
        {
            await _tracker.Models.WaitUntilReadyAsync(info.RegisteredModelName!, version, cancellationToken).ConfigureAwait(false);
        }

        return info;
    }

    private void Stage(ModelDraft draft)
    {
        var staged = _tracker.Journal.Stage.AddModel(draft);
        var isRecorded = false;
        try
        {
            _isStaging = true;
            isRecorded = _tracker.Journal.AppendPair(_journaled!, RecordKind.Model, draft.Name, staged);
        }
        finally
        {
            if (!isRecorded)
            {
                _tracker.Journal.Stage.RemoveModel(staged);
                _tracker.Models.Refuse(draft.Key, "The journal has no room for it.");
            }
        }
    }
}
