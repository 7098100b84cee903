using System.Text.Json.Serialization;

namespace ModelTrack.Client.Backends.Rest;

internal sealed record WireAlias(string Alias, int Version) : IJsonOnDeserialized
{
    public void OnDeserialized() => Answers.RequireText(Alias, "alias");
}
