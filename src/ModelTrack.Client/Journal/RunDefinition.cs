using System.Buffers;
using System.Text.Json;

namespace ModelTrack.Client.Journal;

/// <summary>What a run is, as its record says it: enough to go on with it in another process.</summary>
internal sealed record RunDefinition
{
    /// <summary>The run's id in the store; null while the store has not given it one.</summary>
    public string? RunId { get; init; }

    /// <summary>
    /// New for every start or resumption, and also a tag of the run: who closes a run that a dead process left open sees by it whether
    /// somebody has resumed the run since.
    /// </summary>
    public required string Session { get; init; }

    /// <summary>
    /// Made once for a run whose id the store gives, and its tag <c>modeltrack.run</c> for ever: by it a run is found whose creation got no
    /// answer, instead of being created twice.
    /// </summary>
    public string? Key { get; init; }

    /// <summary>The experiment's id; null while it is not known.</summary>
    public string? ExperimentId { get; init; }

    /// <summary>What a store that gives ids is to create; null when that is done, or not to be done.</summary>
    public RunPlan? Plan { get; init; }

    /// <summary>The run has still to be set running again, in this session: the store was away when it was resumed.</summary>
    public bool IsToBeResumed { get; init; }

    /// <summary>When the run was resumed that has still to be set running again, in milliseconds; null where that is not known.</summary>
    public long? ResumedAt { get; init; }

    /// <summary>The experiment that a run which is to be resumed has to be in; null: any.</summary>
    public string? ExperimentName { get; init; }

    /// <summary>Whether the run is in the store, as far as is known.</summary>
    public bool IsOpened => RunId is not null && !IsToBeResumed;

    /// <summary>The run for a message: its id, or what else tells it apart.</summary>
    public string Label => RunId ?? $"'{Plan?.Name}' (no id yet)";

    /// <summary>Null when it is no such text.</summary>
    public static RunDefinition? FromJson(ReadOnlySpan<byte> json)
    {
        try
        {
            // JSON's null passes for a required text.
            var definition = JsonSerializer.Deserialize(json, JournalJson.Default.RunDefinition);
            return definition is { Session: not null, Plan: null or { Name: not null, UserId: not null, Tags: not null } }
                && definition.Plan?.Tags.Values.Contains(null!) != true
                ? definition
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>By hand, as <see cref="JournalOwner.ToJson"/>.</summary>
    public byte[] ToJson()
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            if (RunId is not null)
            {
                json.WriteString(nameof(RunId), RunId);
            }

            json.WriteString(nameof(Session), Session);
            if (Key is not null)
            {
                json.WriteString(nameof(Key), Key);
            }

            if (ExperimentId is not null)
            {
                json.WriteString(nameof(ExperimentId), ExperimentId);
            }

            if (IsToBeResumed)
            {
                json.WriteBoolean(nameof(IsToBeResumed), true);
            }

            if (ResumedAt is { } resumedAt)
            {
                json.WriteNumber(nameof(ResumedAt), resumedAt);
            }

            if (ExperimentName is not null)
            {
                json.WriteString(nameof(ExperimentName), ExperimentName);
            }

            if (Plan is not null)
            {
                json.WritePropertyName(nameof(Plan));
                JsonSerializer.Serialize(json, Plan, JournalJson.Default.RunPlan);
            }

            json.WriteEndObject();
        }

        return bytes.WrittenSpan.ToArray();
    }
}
