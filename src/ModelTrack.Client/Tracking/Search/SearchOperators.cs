namespace ModelTrack.Client.Tracking.Search;

/// <summary>An operator of a clause, or a set of them.</summary>
[Flags]
internal enum SearchOperators
{
    None = 0,
    Equal = 1,
    NotEqual = 2,
    Greater = 4,
    GreaterOrEqual = 8,
    Less = 16,
    LessOrEqual = 32,
    Like = 64,
    ILike = 128,
    In = 256,
    NotIn = 512,
    IsNull = 1024,
    IsNotNull = 2048,

    Numbers = Equal | NotEqual | Greater | GreaterOrEqual | Less | LessOrEqual,
    Texts = Equal | NotEqual | Like | ILike,
    Lists = In | NotIn,
    NullTests = IsNull | IsNotNull,
    All = Numbers | Texts | Lists | NullTests,
}
