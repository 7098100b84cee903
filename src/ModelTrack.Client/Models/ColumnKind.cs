namespace ModelTrack.Client;

/// <summary>The kinds of <see cref="ColumnType"/>, by MLflow's names.</summary>
public enum ColumnKind
{
    /// <summary>A <see cref="bool"/>.</summary>
    Boolean,

    /// <summary>A whole number of 32 bits: <see cref="int"/>.</summary>
    Integer,

    /// <summary>A whole number of 64 bits: <see cref="long"/>.</summary>
    Long,

    /// <summary>A number of 32 bits: <see cref="float"/>.</summary>
    Float,

    /// <summary>A number of 64 bits: <see cref="double"/>.</summary>
    Double,

    /// <summary>A text.</summary>
    String,

    /// <summary>Bytes; base64 in JSON.</summary>
    Binary,

    /// <summary>A time; ISO 8601 in JSON.</summary>
    DateTime,

    /// <summary>Anything.</summary>
    Any,

    /// <summary>A vector of Spark ML.</summary>
    SparkVector,

    /// <summary>A list of values of one type, <see cref="ColumnType.Element"/>.</summary>
    Array,

    /// <summary>Values of one type, <see cref="ColumnType.Element"/>, by names that the type does not know.</summary>
    Map,

    /// <summary>Values by names that the type knows, <see cref="ColumnType.Properties"/>.</summary>
    Object,
}
