using System.Buffers;
using System.Text.Json;

namespace ModelTrack.Client.Journal;

/// <summary>What a run is, as its record says it: enough to go on with it in another process.</summary>
internal sealed record RunDefinition
{
    public required string RunId { get; init; }

    /// <summary>
    /// New for every start or resumption, and also a tag of the run: who closes a run that a dead process left open sees by it whether
    /// somebody has resumed the run since.
    /// </summary>
    public required string Session { get; init; }

    /// <summary>By hand, as <see cref="JournalOwner.ToJson"/>.</summary>
    public byte[] ToJson()
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString(nameof(RunId), RunId);
            json.WriteString(nameof(Session), Session);
            json.WriteEndObject();
        }

        return bytes.WrittenSpan.ToArray();
    }
}
