namespace ModelTrack.Client;

/// <summary>What a tracking URI leads to.</summary>
internal enum TrackingUriKind
{
    Files,
    Rest,
    Memory,
}
