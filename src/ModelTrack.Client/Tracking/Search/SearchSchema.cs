namespace ModelTrack.Client.Tracking.Search;

/// <summary>What can be searched: the entities of one kind of item, and how its order ends.</summary>
/// <typeparam name="T">What is searched for.</typeparam>
internal sealed class SearchSchema<T>
{
    /// <summary>What is searched for, in the plural, for messages.</summary>
    public required string Subject { get; init; }

    /// <summary>The entities; the first is the one of fields without an entity.</summary>
    public required IReadOnlyList<SearchEntity<T>> Entities { get; init; }

    /// <summary>The order when none is given.</summary>
    public required IReadOnlyList<string> DefaultOrder { get; init; }

    /// <summary>What decides between items that a given order has equal.</summary>
    public required IReadOnlyList<string> TieBreak { get; init; }

    /// <summary>Finds the column of a field in a filter and makes the test of its clause.</summary>
    /// <exception cref="ArgumentException">There is no such column, or it does not take the operator or the operand.</exception>
    public Func<T, bool> Bind(SearchClause clause, SearchText text)
    {
        var column = Find(clause.Field, text, forOrder: false).Column;
        return column.Operators.HasFlag(clause.Operator)
            ? column.Bind(clause, text)
            : throw text.Error(
                $"'{column.Name}' does not take this operator, only {OperatorSyntax.List(column.Operators)}.",
                clause.OperatorStart,
                clause.OperandStart);
    }

    /// <summary>Finds the column of a field, and the usual name of its entity.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public (string Entity, SearchColumn<T> Column) Find(SearchField field, SearchText text, bool forOrder)
    {
        var entity = field.Entity is null ? Entities[0] : Entities.FirstOrDefault(e => e.Names.Contains(field.Entity));
        if (entity is null || (forOrder && !entity.Sortable))
        {
            var known = Entities.Where(e => !forOrder || e.Sortable).Select(e => e.Names[0]);
            var use = forOrder ? "ordered" : "filtered";
            throw text.Error($"{Subject} can be {use} by {string.Join(", ", known)}.", field.Start, field.End);
        }

        var column = entity.Find(field.Key, forOrder)
            ?? throw text.Error(
                $"Of {entity.Names[0]}, {(forOrder ? "an order" : "a filter")} may use: {entity.ListKeys(forOrder)}.",
                field.Start,
                field.End);
        return (entity.Names[0], column);
    }
}
