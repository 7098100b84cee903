namespace ModelTrack.Client.Tracking.Search;

/// <summary>Tests items by the clauses of a filter, all of which have to hold.</summary>
/// <typeparam name="T">What is searched for.</typeparam>
internal sealed class SearchFilter<T>
{
    private readonly List<Func<T, bool>> _tests = [];
    private readonly HashSet<string> _entities = [];

    private SearchFilter()
    {
    }

    /// <summary>The usual names of the entities that are asked for.</summary>
    public IReadOnlySet<string> Entities => _entities;

    /// <summary>Reads a filter; null or empty lets everything pass, only blanks are an error, as in MLflow.</summary>
    /// <exception cref="ArgumentException">It breaks the grammar, or asks for what the schema does not have.</exception>
    public static SearchFilter<T> Parse(SearchSchema<T> schema, string? filter)
    {
        var parsed = new SearchFilter<T>();
        if (string.IsNullOrEmpty(filter))
        {
            return parsed;
        }

        var text = new SearchText(filter, "filter");
        foreach (var clause in FilterParser.Parse(text))
        {
            parsed._tests.Add(schema.Bind(clause, text));
            parsed._entities.Add(schema.Find(clause.Field, text, forOrder: false).Entity);
        }

        return parsed;
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
