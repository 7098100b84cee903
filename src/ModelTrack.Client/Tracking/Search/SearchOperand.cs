namespace ModelTrack.Client.Tracking.Search;

/// <summary>What a clause compares with: a text, a number or a list of texts. Null tests have none of them.</summary>
internal sealed record SearchOperand
{
    public string? Text { get; private init; }

    public double? Number { get; private init; }

    public IReadOnlyList<string>? List { get; private init; }

    /// <summary>Reads a quoted text or a number.</summary>
    /// <exception cref="ArgumentException">There is neither.</exception>
    public static SearchOperand Read(SearchText text) => text.Current switch
    {
        '\'' or '"' => new SearchOperand { Text = text.TakeQuoted() },
        '-' or '.' or (>= '0' and <= '9') => new SearchOperand { Number = text.TakeNumber() },
        '(' => throw text.Error("A list of values is allowed only after IN and NOT IN.", text.Position),
        _ => throw text.Error("Expected a value: a text in single or double quotes, or a number such as 1, -0.5 or 1e-3.", text.Position),
    };

    /// <summary>
    /// Reads a list of quoted texts in parentheses. A comma after the last is allowed: Python writes a tuple of one element so, and
    /// MLflow takes it.
    /// </summary>
    /// <exception cref="ArgumentException">There is none, or it is empty.</exception>
    public static SearchOperand ReadList(SearchText text)
    {
        const string rule = "IN and NOT IN need a list of one or more quoted texts in parentheses, such as ('a', 'b').";
        if (!text.TryTake('('))
        {
            throw text.Error(rule, text.Position);
        }

        var items = new List<string>();
        do
        {
            text.SkipBlanks();
            if (items.Count > 0 && text.Current == ')')
            {
                break;
            }

            if (text.Current is not ('\'' or '"'))
            {
                throw text.Error(rule, text.Position);
            }

            items.Add(text.TakeQuoted());
            text.SkipBlanks();
        }
        while (text.TryTake(','));

        return text.TryTake(')') ? new SearchOperand { List = items } : throw text.Error(rule, text.Position);
    }
}
