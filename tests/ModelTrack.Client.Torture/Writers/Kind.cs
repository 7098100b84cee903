namespace ModelTrack.Client.Torture.Writers;

/// <summary>What a writer logs; each thread counts each kind from 1.</summary>
internal enum Kind
{
    Point,
    Param,

    /// <summary>One tag that is set again and again.</summary>
    Tag,
    Text,
}
