namespace ModelTrack.Client.Tracking.Search;

/// <summary>Tests items by the clauses of a filter, all of which have to hold.</summary>
/// <typeparam name="T">What is searched for.</typeparam>
internal sealed class SearchFilter<T>
{
    private readonly List<Func<T, bool>> _tests;

    private SearchFilter(List<Func<T, bool>> tests) => _tests = tests;

    /// <summary>Reads a filter; null or empty lets everything pass, only blanks are an error, as in MLflow.</summary>
    /// <exception cref="ArgumentException">It breaks the grammar, or asks for what the schema does not have.</exception>
    public static SearchFilter<T> Parse(SearchSchema<T> schema, string? filter)
    {
        if (string.IsNullOrEmpty(filter))
        {
            return new SearchFilter<T>([]);
        }

        var text = new SearchText(filter, "filter");
        return new SearchFilter<T>(FilterParser.Parse(text).ConvertAll(clause => schema.Bind(clause, text)));
    }

    public bool Matches(T item)
    {
        foreach (var test in _tests)
        {
            if (!test(item))
            {
                return false;
            }
        }

        return true;
    }
}
