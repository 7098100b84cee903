namespace ModelTrack.Client.Tracking.Search;

/// <summary>One element of an order as written.</summary>
/// <param name="Field">The field.</param>
/// <param name="Ascending">False after <c>DESC</c>.</param>
internal readonly record struct OrderElement(SearchField Field, bool Ascending)
{
    /// <summary>Reads <c>field [ASC|DESC]</c>, the whole text.</summary>
    /// <exception cref="ArgumentException">It is something else.</exception>
    public static OrderElement Read(SearchText text)
    {
        text.SkipBlanks();
        var field = SearchField.Read(text);
        text.SkipBlanks();
        var start = text.Position;
        var direction = text.TakeWord().ToUpperInvariant();
        text.SkipBlanks();
        if (!text.AtEnd || direction is not ("" or "ASC" or "DESC"))
        {
            throw text.Error("A field of an order may be followed by ASC or DESC only.", start);
        }

        return new OrderElement(field, direction != "DESC");
    }
}
