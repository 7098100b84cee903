using ModelTrack.Client.Journal;

namespace ModelTrack.Client;

/// <content>Tags: what is said about the run, and may change.</content>
public sealed partial class Run
{
    /// <summary>Sets a tag. It may be set again.</summary>
    /// <param name="key">The key; rules as in <see cref="LogParam"/>. Keys that begin with <c>mlflow.</c> have a meaning to MLflow.</param>
    /// <param name="value">The value, at most 8,000 characters; formatted as in <see cref="LogParam"/>.</param>
    /// <returns>This run.</returns>
    /// <exception cref="ArgumentException">Key or value break MLflow's rules.</exception>
    /// <exception cref="InvalidOperationException">The run has ended.</exception>
    public Run SetTag(string key, object? value)
    {
        if (_journaled is null)
        {
            return this;
        }

        var text = ValueText.Format(value);
        Rules.CheckTag(key, text);
        _tracker.Journal.AppendPair(_journaled, RecordKind.Tag, key, text, () => _keys.AddTag(key));
        return this;
    }

    /// <summary>Sets several tags.</summary>
    /// <param name="tags">Keys and values.</param>
    /// <returns>This run.</returns>
    /// <exception cref="ArgumentException">As in <see cref="SetTag"/>. None is set then.</exception>
    public Run SetTags(IEnumerable<KeyValuePair<string, string>> tags)
    {
        ArgumentNullException.ThrowIfNull(tags);
        return _journaled is null ? this : SetTags([.. tags], _journaled);
    }

    /// <summary>Sets several tags.</summary>
    /// <param name="tags">Keys and values.</param>
    /// <returns>This run.</returns>
    /// <exception cref="ArgumentException">As in <see cref="SetTag"/>. None is set then.</exception>
    public Run SetTags(params (string Key, object? Value)[] tags)
    {
        ArgumentNullException.ThrowIfNull(tags);
        return _journaled is null
            ? this
            : SetTags([.. tags.Select(tag => KeyValuePair.Create(tag.Key, ValueText.Format(tag.Value)))], _journaled);
    }

    /// <summary>Removes a tag; nothing happens when there is none of that key.</summary>
    /// <param name="key">The key.</param>
    /// <returns>This run.</returns>
    /// <exception cref="ArgumentException">The key breaks MLflow's rules.</exception>
    public Run DeleteTag(string key)
    {
        if (_journaled is null)
        {
            return this;
        }

        Rules.CheckTagKey(key);
        _tracker.Journal.AppendPair(_journaled, RecordKind.TagDeletion, key, "", () => _keys.RemoveTag(key));
        return this;
    }

    /// <summary>Sets the run's description, which MLflow's UI shows as Markdown (tag <c>mlflow.note.content</c>).</summary>
    /// <param name="markdown">The text, at most 8,000 characters.</param>
    /// <returns>This run.</returns>
    public Run SetDescription(string markdown) => SetTag(SystemTags.Note, markdown);

    private Run SetTags(IReadOnlyCollection<KeyValuePair<string, string>> pairs, JournalRun journaled)
    {
        foreach (var (key, text) in pairs)
        {
            Rules.CheckTag(key, text);
        }

        _tracker.Journal.AppendTogether(
            journaled,
            pairs.Sum(pair => (long)Journal.Journal.SizeOf(pair.Key, pair.Value)),
            () => _keys.CheckTags([.. pairs.Select(pair => pair.Key)]),
            () =>
            {
                foreach (var (key, text) in pairs)
                {
                    _tracker.Journal.AppendPair(journaled, RecordKind.Tag, key, text, () => _keys.AddTag(key));
                }
            });
        return this;
    }
}
