namespace ModelTrack.Client.Fakes;

/// <summary>What a client gets for a request.</summary>
internal enum Reply
{
    /// <summary>The answer.</summary>
    Whole,

    /// <summary>The answer, in small pieces that take their time.</summary>
    InDrops,

    /// <summary>A reset when the head of the request has come, whose body is not read.</summary>
    ResetAtOnce,

    /// <summary>A reset in place of an answer.</summary>
    Reset,

    /// <summary>Nothing, while the connection stays open.</summary>
    Silence,

    /// <summary>Half of the answer's first header line, then nothing more.</summary>
    HalfHead,

    /// <summary>Half of the answer's first header line, then the end of the connection.</summary>
    HalfHeadThenEnd,

    /// <summary>The answer's head and half of its body, then nothing more.</summary>
    HalfBody,

    /// <summary>The answer's head and half of its body, then the end of the connection: the content length was wrong.</summary>
    HalfBodyThenEnd,

    /// <summary>The answer with its body cut in half and the content length set to that.</summary>
    CutBody,
}
