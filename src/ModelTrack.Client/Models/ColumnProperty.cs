namespace ModelTrack.Client;

/// <summary>One property of an object in a column.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type.</param>
/// <param name="Required">Whether it must be there.</param>
public sealed record ColumnProperty(string Name, ColumnType Type, bool Required = true);
