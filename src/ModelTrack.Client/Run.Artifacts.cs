using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ModelTrack.Client.Journal;
using ModelTrack.Client.Lifetime;

namespace ModelTrack.Client;

/// <content>Artifacts: files that belong to the run.</content>
public sealed partial class Run
{
    private const string GoesDirectly = "this file goes there directly. LogArtifact keeps a copy instead, which is sent when the store is back.";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>How long a store that is away is waited for, where runs start without waiting.</summary>
    private static readonly TimeSpan ShortestPatience = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, byte[]> _tables = [];
    private bool _imagesTagged;
    private volatile bool _isStaging;
    private string? _loggedArtifacts;

    /// <summary>Stores a file. It may be changed or deleted when this returns.</summary>
    /// <param name="localPath">The file.</param>
    /// <param name="artifactPath">The folder among the artifacts that it goes into, with <c>/</c>. Default: the root.</param>
    /// <returns>This run.</returns>
    /// <exception cref="ArgumentException">
    /// <paramref name="artifactPath"/> or the file's name is no safe artifact path, or the file is a folder; the message has the rule.
    /// </exception>
    /// <exception cref="InvalidOperationException">The run has ended.</exception>
    /// <exception cref="ModelTrackException">The run has a folder of that path, or a file where the path has a folder.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="IOException">The file cannot be read, or the store not be written. Nothing half-written stays.</exception>
    public Run LogArtifact(string localPath, string? artifactPath = null)
    {
        if (_journaled is null)
        {
            return this;
        }

        return StoreFile(PathOfFile(localPath, artifactPath), localPath);
    }

    /// <summary>Stores all files of a folder, and of the folders below it.</summary>
    /// <param name="localFolder">The folder.</param>
    /// <param name="artifactPath">The folder among the artifacts that its content goes into. Default: the root.</param>
    /// <returns>This run.</returns>
    /// <exception cref="ArgumentException">A path is no safe artifact path. Nothing is stored then.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="IOException">A file cannot be read, or the store not be written. The files before it are stored.</exception>
    public Run LogArtifacts(string localFolder, string? artifactPath = null)
    {
        if (_journaled is null)
        {
            return this;
        }

        ArgumentException.ThrowIfNullOrEmpty(localFolder);
        foreach (var (local, path) in ArtifactUploads.ListFolder(localFolder, artifactPath))
        {
            StoreFile(path, local);
        }

        return this;
    }

    /// <summary>
    /// Stores a file, and ends when the store has it. A server has to be there for that; <see cref="LogArtifact(string, string?)"/> does not
    /// need it.
    /// </summary>
    /// <param name="localPath">The file. It must not change before the end.</param>
    /// <param name="artifactPath">The folder among the artifacts that it goes into, with <c>/</c>. Default: the root.</param>
    /// <param name="progress">Told how far it has come. Default: nobody.</param>
    /// <param name="cancellationToken">Ends it; the artifact is not stored then.</param>
    /// <returns>When it is stored.</returns>
    /// <exception cref="ArgumentException">As in <see cref="LogArtifact(string, string?)"/>.</exception>
    /// <exception cref="InvalidOperationException">The run has ended.</exception>
    /// <exception cref="ModelTrackException">
    /// The store refused it or the run, or is away (<see cref="ModelTrackException.IsTransient"/>): one that is known to be so is waited for
    /// for <see cref="TrackerOptions.StartTimeout"/>, at least a second.
    /// </exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public Task LogArtifactAsync(
        string localPath,
        string? artifactPath = null,
        IProgress<TransferProgress>? progress = null,
        CancellationToken cancellationToken = default)
        => _journaled is null
            ? Task.CompletedTask
            : UploadAsync([new ArtifactFile(localPath, PathOfFile(localPath, artifactPath))], progress, cancellationToken);

    /// <summary>
    /// Stores all files of a folder and of the folders below it, <see cref="TrackerOptions.MaxParallelTransfers"/> at a time, and ends when
    /// the store has them.
    /// </summary>
    /// <param name="localFolder">The folder. Its files must not change before the end.</param>
    /// <param name="artifactPath">The folder among the artifacts that its content goes into. Default: the root.</param>
    /// <param name="progress">Told how far it has come. Default: nobody.</param>
    /// <param name="cancellationToken">Ends it; what is stored by then stays.</param>
    /// <returns>When they are stored.</returns>
    /// <exception cref="ArgumentException">A path is no safe artifact path. Nothing is stored then.</exception>
    /// <exception cref="InvalidOperationException">The run has ended.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="ModelTrackException">The store refused a file, or is away. Files before it may be stored.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public Task LogArtifactsAsync(
        string localFolder,
        string? artifactPath = null,
        IProgress<TransferProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(localFolder);
        return _journaled is null
            ? Task.CompletedTask
            : UploadAsync(ArtifactUploads.ListFolder(localFolder, artifactPath), progress, cancellationToken);
    }

    /// <summary>Stores bytes as a file.</summary>
    /// <param name="content">The file's content.</param>
    /// <param name="artifactFile">Its path among the artifacts, with <c>/</c>.</param>
    /// <returns>This run.</returns>
    /// <exception cref="ArgumentException">The path is no safe artifact path.</exception>
    public Run LogArtifact(byte[] content, string artifactFile)
    {
        ArgumentNullException.ThrowIfNull(content);
        return LogArtifact(new MemoryStream(content, writable: false), artifactFile);
    }

    /// <summary>Stores the rest of a stream as a file.</summary>
    /// <param name="content">The stream, read to its end from where it stands; not disposed.</param>
    /// <param name="artifactFile">Its path among the artifacts, with <c>/</c>.</param>
    /// <returns>This run.</returns>
    /// <exception cref="ArgumentException">The path is no safe artifact path.</exception>
    public Run LogArtifact(Stream content, string artifactFile)
    {
        ArgumentNullException.ThrowIfNull(content);
        return _journaled is null ? this : Store(ArtifactPath.Normalize(artifactFile), content);
    }

    /// <summary>Stores text as a UTF-8 file.</summary>
    /// <param name="artifactFile">Its path among the artifacts, with <c>/</c>.</param>
    /// <param name="text">The text.</param>
    /// <returns>This run.</returns>
    /// <exception cref="ArgumentException">The path is no safe artifact path.</exception>
    public Run LogText(string artifactFile, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return LogArtifact(Encoding.UTF8.GetBytes(text), artifactFile);
    }

    /// <summary>Stores an object as an indented JSON file.</summary>
    /// <param name="artifactFile">Its path among the artifacts, with <c>/</c>.</param>
    /// <param name="value">The object.</param>
    /// <returns>This run.</returns>
    /// <exception cref="ArgumentException">The path is no safe artifact path.</exception>
    /// <exception cref="NotSupportedException">The object cannot be written as JSON.</exception>
    [RequiresUnreferencedCode("Serializes by reflection. Use the overload with JsonTypeInfo<T> where code is trimmed.")]
    [RequiresDynamicCode("Serializes by reflection. Use the overload with JsonTypeInfo<T> where code is compiled ahead of time.")]
    public Run LogJson(string artifactFile, object? value) => LogArtifact(JsonSerializer.SerializeToUtf8Bytes(value, Indented), artifactFile);

    /// <summary>Stores an object as a JSON file, by generated code.</summary>
    /// <typeparam name="T">The object's type.</typeparam>
    /// <param name="artifactFile">Its path among the artifacts, with <c>/</c>.</param>
    /// <param name="value">The object.</param>
    /// <param name="typeInfo">How it is written.</param>
    /// <returns>This run.</returns>
    /// <exception cref="ArgumentException">The path is no safe artifact path.</exception>
    public Run LogJson<T>(string artifactFile, T value, JsonTypeInfo<T> typeInfo)
        => LogArtifact(JsonSerializer.SerializeToUtf8Bytes(value, typeInfo), artifactFile);

    /// <summary>
    /// Stores a table, which MLflow's UI shows in its evaluation view. Where the run has a table of that path already the rows are added to
    /// it, by the names of the columns, as MLflow does; what a row has no value for is null.
    /// </summary>
    /// <param name="artifactFile">Its path among the artifacts, ending in <c>.json</c>; without <c>" ' , : [ ] { }</c>.</param>
    /// <param name="columns">The names of the columns.</param>
    /// <param name="rows">The rows, each with a cell a column; NaN and infinity become null, as pandas writes them.</param>
    /// <returns>This run.</returns>
    /// <exception cref="ArgumentException">The path or the shape of the table is wrong. Nothing is stored then.</exception>
    /// <exception cref="ModelTrackException">
    /// The file that is there is no table. It stays as it is. Or the run was resumed and its server is away, which has the rows from before
    /// (<see cref="ModelTrackException.IsTransient"/>); nothing is stored then.
    /// </exception>
    public Run LogTable(string artifactFile, IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<object?>> rows)
    {
        if (_journaled is null)
        {
            return this;
        }

        var path = TableJson.CheckPath(artifactFile);
        lock (_gate)
        {
            var content = ReadTable(path) is { } table ? AppendTo(table, path, columns, rows) : TableJson.Write(columns, rows);
            LogArtifact(content, path);
            if (_tracker.Backend.IsRemote)
            {
                _tables[path] = content;
            }

            var listed = _loggedArtifacts ?? _start?.Tags.GetValueOrDefault(SystemTags.LoggedArtifacts);
            var appended = LoggedArtifactsTag.Append(listed, path);
            if (appended != listed)
            {
                SetTag(SystemTags.LoggedArtifacts, appended);
                _loggedArtifacts = appended;
            }
        }

        return this;
    }

    /// <summary>Stores a picture for a step, which MLflow's UI shows as a series with a slider.</summary>
    /// <param name="png">The picture, a PNG file.</param>
    /// <param name="key">The name of the series: letters, digits, <c>_ - . /</c> and spaces.</param>
    /// <param name="step">The step. Default: 0.</param>
    /// <param name="thumbnail">
    /// A small WebP copy, at most 256 pixels a side, for the overview. Default: the picture itself, which browsers show as well.
    /// </param>
    /// <param name="timestamp">When it was made. Default: now.</param>
    /// <returns>This run.</returns>
    /// <exception cref="ArgumentException">The key has other characters, or the picture is no PNG.</exception>
    public Run LogImage(byte[] png, string key, long step = 0, byte[]? thumbnail = null, DateTimeOffset? timestamp = null)
    {
        ArgumentNullException.ThrowIfNull(png);
        if (_journaled is null)
        {
            return this;
        }

        ImageName.CheckKey(key);
        if (ImageName.Sniff(png) != ImageFormat.Png)
        {
            throw new ArgumentException(
                "The picture of a step must be a PNG file; its first bytes say otherwise. Store other files with LogArtifact.", nameof(png));
        }

        var when = timestamp ?? _tracker.Clock.GetUtcNow();
        Rules.CheckTimestamp(when);
        var id = Guid.NewGuid();
        LogArtifact(png, ImageName.Full(key, step, when, id));
        LogArtifact(thumbnail ?? png, ImageName.Thumbnail(key, step, when, id));
        lock (_gate)
        {
            if (!_imagesTagged)
            {
                SetTag(SystemTags.LoggedImages, ImageName.TagValue);
                _imagesTagged = true;
            }
        }

        return this;
    }

    /// <summary>
    /// The table as it is with what was logged here, stored already or not. A run that was started here has no other; of a resumed one only
    /// the store knows.
    /// </summary>
    private byte[]? ReadTable(string path)
    {
        if (_tracker.Backend.IsRemote && (_tables.TryGetValue(path, out var known) || !_isResumed))
        {
            return known;
        }

        if (!HasId)
        {
            throw TableIsOutOfReach(path, ErrorCode.TemporarilyUnavailable, "the run is not open in the store yet.", null);
        }

        try
        {
            using var stored = Blocking.Wait(_tracker.Backend.OpenArtifactAsync(Id, path, CancellationToken.None));
            using var content = new MemoryStream();
            stored.CopyTo(content);
            return content.ToArray();
        }
        catch (ModelTrackException e) when (e.ErrorCode == ErrorCode.ResourceDoesNotExist)
        {
            return null;
        }
        catch (ModelTrackException e) when (e.IsTransient)
        {
            throw TableIsOutOfReach(path, e.ErrorCode, e.Message, e);
        }
    }

    private static ModelTrackException TableIsOutOfReach(string path, string code, string reason, Exception? cause) => new(
        code,
        $"Rows are added to the table '{path}' as the store has it, and what a resumed run has there cannot be read at present: {reason} "
        + "Try again later, or log the rows to another path with LogJson.",
        cause)
    {
        IsTransient = true,
    };

    private static byte[] AppendTo(byte[] table, string path, IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<object?>> rows)
    {
        try
        {
            return TableJson.Append(table, columns, rows);
        }
        catch (JsonException e)
        {
            throw new ModelTrackException(
                ErrorCode.InvalidState, $"The artifact '{path}' is no table to which rows could be added: {e.Message}", e);
        }
    }

    private static string PathOfFile(string localPath, string? artifactPath)
    {
        ArgumentException.ThrowIfNullOrEmpty(localPath);
        return Directory.Exists(localPath)
            ? throw new ArgumentException($"'{localPath}' is a folder; store its files with LogArtifacts.", nameof(localPath))
            : ArtifactPath.Combine(artifactPath, Path.GetFileName(Path.GetFullPath(localPath)));
    }

    private async Task UploadAsync(
        IReadOnlyList<ArtifactFile> files, IProgress<TransferProgress>? progress, CancellationToken cancellationToken)
    {
        CheckIsOpen();
        if (!HasId)
        {
            await WhileStoreIsThereAsync(GetIdAsync, GoesDirectly, cancellationToken).ConfigureAwait(false);
        }

        var runId = Id;
        if (_isStaging)
        {
            // What was logged to the same path before must not come after it.
            await WhileStoreIsThereAsync(token => _tracker.FlushAsync(_journaled!, token), GoesDirectly, cancellationToken).ConfigureAwait(false);
        }

        await ArtifactUploads.RunAsync(
            _tracker.Backend, runId, files, _tracker.Options.MaxParallelTransfers, progress, cancellationToken).ConfigureAwait(false);
        foreach (var _ in files)
        {
            _tracker.Journal.Log.CountDelivered(_journaled!);
        }
    }

    /// <summary>Waits for what the dispatcher brings about, but not for a store to come back.</summary>
    private async Task WhileStoreIsThereAsync(Func<CancellationToken, Task> wait, string consequence, CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var waiting = wait(over.Token);
        var patience = _tracker.Options.StartTimeout > ShortestPatience ? _tracker.Options.StartTimeout : ShortestPatience;
        while (true)
        {
            try
            {
                await waiting.WaitAsync(patience, _tracker.Clock, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (TimeoutException)
            {
                if (_tracker.Dispatcher.IsStoreAway)
                {
                    await over.CancelAsync().ConfigureAwait(false);
                    throw new ModelTrackException(
                        ErrorCode.TemporarilyUnavailable,
                        $"The store at {_tracker.Backend.Destination} takes nothing at present; {consequence}")
                    {
                        IsTransient = true,
                    };
                }
            }
        }
    }

    private Run StoreFile(string path, string localPath)
    {
        CheckIsOpen();
        if (_tracker.Backend.IsRemote)
        {
            return Stage(path, _tracker.Journal.Stage.Add(localPath));
        }

        using var content = new FileStream(localPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 16);
        return Store(path, content);
    }

    private Run Store(string path, Stream content)
    {
        CheckIsOpen();
        if (_tracker.Backend.IsRemote)
        {
            return Stage(path, _tracker.Journal.Stage.Add(content));
        }

        Blocking.Wait(_tracker.Backend.WriteArtifactAsync(Id, path, content, CancellationToken.None));
        _tracker.Journal.Log.CountDelivered(_journaled!);
        return this;
    }

    /// <summary>The copy is whole and lies beside the journal; from its record on it is the dispatcher's.</summary>
    private Run Stage(string path, string stagedName)
    {
        var isRecorded = false;
        try
        {
            _isStaging = true;
            isRecorded = _tracker.Journal.AppendPair(_journaled!, RecordKind.Artifact, path, stagedName);
        }
        finally
        {
            if (!isRecorded)
            {
                _tracker.Journal.Stage.Remove(stagedName);
            }
        }

        return this;
    }

    private void CheckIsOpen()
    {
        ObjectDisposedException.ThrowIf(_tracker.IsClosed, _tracker);
        if (_ended)
        {
            throw new InvalidOperationException(
                $"Run {Definition!.Label} has ended and takes no more artifacts; resume it with StartRun(runId: …).");
        }
    }
}
