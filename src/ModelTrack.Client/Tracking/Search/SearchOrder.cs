namespace ModelTrack.Client.Tracking.Search;

/// <summary>Sorts items by several columns.</summary>
/// <typeparam name="T">What is searched for.</typeparam>
internal sealed class SearchOrder<T>
{
    private readonly List<SortTerm<T>> _terms = [];
    private readonly HashSet<string> _entities = [];

    private SearchOrder()
    {
    }

    /// <summary>The usual names of the entities that are asked for.</summary>
    public IReadOnlySet<string> Entities => _entities;

    /// <summary>Reads the elements of an order and adds what decides between equals.</summary>
    /// <exception cref="ArgumentException">An element is malformed, or names a field a second time.</exception>
    public static SearchOrder<T> Parse(SearchSchema<T> schema, IReadOnlyList<string> elements)
    {
        var order = new SearchOrder<T>();
        var fields = new HashSet<(string Entity, string Key)>();
        foreach (var written in elements)
        {
            var text = new SearchText(written ?? "", "orderBy");
            var (field, ascending) = OrderElement.Read(text);
            var (entity, column) = schema.Find(field, text, forOrder: true);
            if (!fields.Add((entity, column.Name)))
            {
                throw text.Error("An order may have each field only once.", field.Start, field.End);
            }

            order._entities.Add(entity);
            order._terms.Add(new SortTerm<T>(column, ascending));
        }

        // A field that is in the order already does no harm here: where it is asked again, it is equal.
        foreach (var written in elements.Count == 0 ? schema.DefaultOrder : schema.TieBreak)
        {
            var text = new SearchText(written, "orderBy");
            var (field, ascending) = OrderElement.Read(text);
            order._terms.Add(new SortTerm<T>(schema.Find(field, text, forOrder: true).Column, ascending));
        }

        return order;
    }

    /// <summary>What an item is sorted by.</summary>
    public SortKey[] KeysOf(T item)
    {
        var keys = new SortKey[_terms.Count];
        for (var i = 0; i < keys.Length; i++)
        {
            keys[i] = _terms[i].Column.GetSortKey(item);
        }

        return keys;
    }

    public void Sort(List<T> items) => Sort(items, KeysOf);

    /// <summary>Sorts anything that goes by the keys of an item.</summary>
    public void Sort<TAny>(List<TAny> items, Func<TAny, SortKey[]> keysOf)
    {
        // Keys are read once, not at each of the n log n comparisons.
        var keys = new SortKey[items.Count][];
        var places = new int[items.Count];
        for (var i = 0; i < keys.Length; i++)
        {
            keys[i] = keysOf(items[i]);
            places[i] = i;
        }

        Array.Sort(places, (left, right) => Compare(keys[left], keys[right], left, right));
        var unsorted = items.ToArray();
        for (var i = 0; i < places.Length; i++)
        {
            items[i] = unsorted[places[i]];
        }
    }

    private int Compare(SortKey[] left, SortKey[] right, int leftPlace, int rightPlace)
    {
        for (var i = 0; i < left.Length; i++)
        {
            var order = SortKey.Compare(left[i], right[i], _terms[i].Ascending);
            if (order != 0)
            {
                return order;
            }
        }

        return leftPlace.CompareTo(rightPlace);
    }
}
