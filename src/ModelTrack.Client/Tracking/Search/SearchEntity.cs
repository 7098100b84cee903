namespace ModelTrack.Client.Tracking.Search;

/// <summary>What stands before the dot of a field: a table of known columns, or a column for every key.</summary>
/// <typeparam name="T">What is searched for.</typeparam>
internal sealed class SearchEntity<T>
{
    private readonly Func<string, SearchColumn<T>>? _anyKey;
    private readonly Dictionary<string, SearchColumn<T>> _columns = new(StringComparer.Ordinal);
    private readonly HashSet<string> _filterOnly = new(StringComparer.Ordinal);

    /// <summary>An entity with any keys, such as metrics.</summary>
    public SearchEntity(string[] names, Func<string, SearchColumn<T>> anyKey, bool sortable = true)
        : this(names)
    {
        _anyKey = anyKey;
        Sortable = sortable;
    }

    /// <summary>An entity with known keys, such as attributes. Keys are as in the columns, plus aliases.</summary>
    public SearchEntity(string[] names, IReadOnlyList<SearchColumn<T>> columns)
        : this(names)
    {
        foreach (var column in columns)
        {
            _columns.Add(column.Name, column);
        }

        Sortable = columns.Any(c => c.Sortable);
    }

    private SearchEntity(string[] names) => Names = names;

    /// <summary>The usual name first, then the aliases.</summary>
    public IReadOnlyList<string> Names { get; }

    public bool Sortable { get; }

    /// <summary>Other names of a column; with <paramref name="sortable"/> false, in filters only.</summary>
    public SearchEntity<T> WithAliases(string column, string[] aliases, bool sortable)
    {
        foreach (var alias in aliases)
        {
            _columns.Add(alias, _columns[column]);
            if (!sortable)
            {
                _filterOnly.Add(alias);
            }
        }

        return this;
    }

    /// <summary>The column of a key, or null when there is none for this purpose.</summary>
    public SearchColumn<T>? Find(string key, bool forOrder)
    {
        if (_anyKey is not null)
        {
            return forOrder && !Sortable ? null : _anyKey(key);
        }

        return _columns.TryGetValue(key, out var column) && Allows(column, forOrder) && !(forOrder && _filterOnly.Contains(key))
            ? column
            : null;
    }

    /// <summary>The keys there are for this purpose, for a message.</summary>
    public string ListKeys(bool forOrder)
        => string.Join(", ", _columns.Values.Where(c => Allows(c, forOrder)).Select(c => c.Name).Distinct());

    private static bool Allows(SearchColumn<T> column, bool forOrder)
        => forOrder ? column.Sortable : column.Operators != SearchOperators.None;
}
