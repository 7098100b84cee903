namespace ModelTrack.Client;

/// <summary>Splits an order given as one text at the commas outside quotes.</summary>
internal static class OrderByText
{
    /// <summary>The elements without the blanks around them, which MLflow's servers refuse; none for null or only blanks.</summary>
    /// <exception cref="ArgumentException">An element is empty, or a quote is not closed.</exception>
    public static IReadOnlyList<string> Split(string? orderBy)
    {
        if (string.IsNullOrWhiteSpace(orderBy))
        {
            return [];
        }

        var elements = new List<string>();
        var start = 0;
        char? quote = null;
        for (var i = 0; i < orderBy.Length; i++)
        {
            var character = orderBy[i];
            if (quote is not null)
            {
                quote = character == quote ? null : quote;
            }
            else if (character is '`' or '"')
            {
                quote = character;
            }
            else if (character == ',')
            {
                elements.Add(Element(orderBy, start, i));
                start = i + 1;
            }
        }

        if (quote is not null)
        {
            throw new ArgumentException($"A quote {quote} in element {elements.Count + 1} of the order is not closed.", nameof(orderBy));
        }

        elements.Add(Element(orderBy, start, orderBy.Length));
        return elements;
    }

    private static string Element(string orderBy, int start, int end)
    {
        var element = orderBy[start..end].Trim();
        return element.Length > 0
            ? element
            : throw new ArgumentException(
                $"The order has an empty element at character {start + 1}: between two commas there must be a field, such as metrics.auc DESC.",
                nameof(orderBy));
    }
}
