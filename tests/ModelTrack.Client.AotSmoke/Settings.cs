using System.Text.Json.Serialization;

namespace ModelTrack.Client.AotSmoke;

/// <summary>Something to be logged as JSON without reflection.</summary>
internal sealed record Settings(string Solver, int Depth);

[JsonSerializable(typeof(Settings))]
internal sealed partial class SettingsJson : JsonSerializerContext;
