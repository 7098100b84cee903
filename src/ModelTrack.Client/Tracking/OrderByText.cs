namespace ModelTrack.Client;

/// <summary>Splits an order given as one text at the commas outside quotes.</summary>
internal static class OrderByText
{
    public static IReadOnlyList<string> Split(string? orderBy) => throw new NotImplementedException();
}
