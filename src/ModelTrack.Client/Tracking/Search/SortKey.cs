namespace ModelTrack.Client.Tracking.Search;

/// <summary>
/// What an item is sorted by: a number or a text. In both directions NaN comes after all others, and a missing value last.
/// </summary>
internal readonly record struct SortKey
{
    private const int NotANumber = 1;
    private const int Missing = 2;

    private readonly int _rank;
    private readonly double _number;
    private readonly string? _text;

    public SortKey(double? number)
    {
        _rank = number is null ? Missing : double.IsNaN(number.Value) ? NotANumber : 0;
        _number = number ?? 0;
    }

    public SortKey(string? text)
    {
        _rank = text is null ? Missing : 0;
        _text = text;
    }

    public static int Compare(SortKey left, SortKey right, bool ascending)
    {
        if (left._rank != right._rank || left._rank > 0)
        {
            return left._rank.CompareTo(right._rank);
        }

        var order = left._text is null
            ? left._number.CompareTo(right._number)
            : CodePointOrder.Compare(left._text, right._text!);
        return ascending ? order : -order;
    }
}
