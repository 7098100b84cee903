namespace ModelTrack.Client.Tracking.Search;

/// <summary>A field as written: <c>entity.key</c>, or a key alone, which means an attribute.</summary>
/// <param name="Entity">What stands before the first dot; null when there is none.</param>
/// <param name="Key">The key without its quotes.</param>
/// <param name="Start">Where the field begins in the text.</param>
/// <param name="End">Where it ends.</param>
internal readonly record struct SearchField(string? Entity, string Key, int Start, int End)
{
    /// <summary>Reads the field at the cursor.</summary>
    /// <exception cref="ArgumentException">There is none, or its key needs quotes.</exception>
    public static SearchField Read(SearchText text)
    {
        var start = text.Position;
        var first = text.AtQuote ? text.TakeQuoted() : char.IsDigit(text.Current) ? "" : text.TakeWord();
        if (text.Position == start)
        {
            throw text.Error("Expected a field such as metrics.auc, params.`learning rate` or start_time.", start);
        }

        var hasEntity = text.TryTake('.');
        var key = !hasEntity ? first : text.AtQuote ? text.TakeQuoted() : text.TakeWord(dots: true);
        if (key.Length == 0)
        {
            throw text.Error("A dot must be followed by the key.", start);
        }

        // After a closing quote anything that is not an operator is refused as such.
        if (!text.AfterQuote && !char.IsWhiteSpace(text.Current) && text.Current is not ('=' or '!' or '<' or '>' or '~'))
        {
            throw text.Error(
                "A key with other characters than letters, digits, _ and . must be quoted as a whole, for example metrics.`train/loss`.",
                start);
        }

        return new SearchField(hasEntity ? first : null, key, start, text.Position);
    }
}
