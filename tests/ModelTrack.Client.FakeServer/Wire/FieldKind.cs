namespace ModelTrack.Client.Fakes.Wire;

/// <summary>The type of a field of a request.</summary>
internal enum FieldKind
{
    Text,
    Integer,
    Number,
    Flag,
    Enumeration,
    Message,
}
