using ModelTrack.Client.Fakes.Wire;

namespace ModelTrack.Client.Fakes.Routes;

/// <summary>Pairs of key and value in requests.</summary>
internal static class Pairs
{
    /// <summary>A pair, such as a tag or a param.</summary>
    public static readonly MessageType Type = new(Field.Text("key"), Field.Text("value"));

    public static List<KeyValuePair<string, string>> Of(IReadOnlyList<Message> messages)
        => [.. messages.Select(m => KeyValuePair.Create(m.Text("key"), m.Text("value")))];
}
