namespace ModelTrack.Client.Backends.Rest;

/// <summary>What a server keeps runs in; it decides whether a point that is sent twice is stored twice.</summary>
internal enum StoreType
{
    Unknown,

    /// <summary>A database: equal points are one.</summary>
    Sql,

    /// <summary>A folder: every point that comes is appended.</summary>
    Files,
}
