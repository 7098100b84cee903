using System.Net;
using ModelTrack.Client.Tracking.Search;

namespace ModelTrack.Client.Backends.Rest;

/// <summary>
/// <c>IS NULL</c> and <c>IS NOT NULL</c> for servers before MLflow 3.9, which refuse them: the server gets the rest of the filter, and its
/// pages are sifted here. A page can have fewer hits than it has room for, or none, though others follow. Safe for calls from several
/// threads.
/// </summary>
/// <typeparam name="T">What is searched for.</typeparam>
internal sealed class NullTestFallback<T>(SearchSchema<T> schema)
{
    private volatile bool _isNeeded;

    /// <summary>Searches with the whole filter, and if the server refuses that because of its null tests, without these.</summary>
    /// <param name="filter">The filter as the user gave it.</param>
    /// <param name="search">Asks the server with a filter.</param>
    public async ValueTask<Page<T>> SearchAsync(string? filter, Func<string?, Task<Page<T>>> search)
    {
        if (filter is null || !filter.Contains("NULL", StringComparison.OrdinalIgnoreCase))
        {
            return await search(filter).ConfigureAwait(false);
        }

        if (_isNeeded && Split(filter) is var (askedOfServer, siftedHere))
        {
            return Sift(await search(askedOfServer).ConfigureAwait(false), siftedHere);
        }

        ModelTrackException refusal;
        try
        {
            return await search(filter).ConfigureAwait(false);
        }
        catch (ModelTrackException e) when (e.StatusCode == HttpStatusCode.BadRequest)
        {
            refusal = e;
        }

        if (Split(filter) is not var (rest, tests))
        {
            throw refusal;
        }

        Page<T> page;
        try
        {
            page = await search(rest).ConfigureAwait(false);
        }
        catch (ModelTrackException e) when (e.StatusCode == HttpStatusCode.BadRequest)
        {
            // It was something else that the server did not like; the first answer is about what the user wrote.
            throw refusal;
        }

        _isNeeded = true;
        return Sift(page, tests);
    }

    private static Page<T> Sift(Page<T> page, SearchFilter<T> tests)
        => page with { Items = [.. page.Items.Where(tests.Matches)] };

    /// <summary>The filter without its null tests, and these; null when it has none, or when it is beyond this client's grammar.</summary>
    private (string? Remainder, SearchFilter<T> Tests)? Split(string filter)
    {
        try
        {
            var clauses = FilterParser.Parse(new SearchText(filter, nameof(filter)));
            var byKind = clauses.ToLookup(
                clause => SearchOperators.NullTests.HasFlag(clause.Operator), clause => filter[clause.Field.Start..clause.End]);
            var (tests, others) = (byKind[true], byKind[false]);
            return tests.Any()
                ? (others.Any() ? string.Join(" AND ", others) : null, SearchFilter<T>.Parse(schema, string.Join(" AND ", tests)))
                : null;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
