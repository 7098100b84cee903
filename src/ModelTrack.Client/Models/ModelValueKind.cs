namespace ModelTrack.Client;

/// <summary>What a <see cref="ModelValue"/> is.</summary>
public enum ModelValueKind
{
    /// <summary>Nothing: YAML's and JSON's null.</summary>
    Null,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>A whole number of any size.</summary>
    Integer,

    /// <summary>A floating-point number, infinite ones and NaN included.</summary>
    Number,

    /// <summary>A text.</summary>
    Text,

    /// <summary>A date or a time as YAML has them, without quotes.</summary>
    Timestamp,

    /// <summary>A list of values.</summary>
    List,

    /// <summary>Values by their names.</summary>
    Map,
}
