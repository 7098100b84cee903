namespace Serving.Requests;

/// <summary>The data of a request. All rows have as many cells.</summary>
/// <param name="Names">The names of the columns; null when they have none.</param>
/// <param name="Rows">The rows.</param>
internal sealed record RequestTable(IReadOnlyList<string>? Names, IReadOnlyList<Cell[]> Rows);
