using System.Globalization;

namespace ModelTrack.Client.Tracking.Search;

/// <summary>
/// A cursor over a filter or an element of an order: takes words, quoted texts and numbers one after another, and makes the exceptions
/// that point at a place in it. It never goes back, so reading takes time in proportion to the length.
/// </summary>
internal sealed class SearchText(string text, string parameterName)
{
    private const int ShownLength = 60;

    public int Position { get; private set; }

    public bool AtEnd => Position == text.Length;

    /// <summary>The next character; a blank at the end, which no rule takes for anything.</summary>
    public char Current => AtEnd ? ' ' : text[Position];

    public bool AtQuote => Current is '`' or '"';

    public bool AfterQuote => Position > 0 && text[Position - 1] is '`' or '"';

    public void SkipBlanks()
    {
        while (!AtEnd && char.IsWhiteSpace(text[Position]))
        {
            Position++;
        }
    }

    public bool TryTake(char character)
    {
        var found = !AtEnd && text[Position] == character;
        Position += found ? 1 : 0;
        return found;
    }

    /// <summary>Takes letters, digits and underscores; with <paramref name="dots"/> also dots. Empty when there are none.</summary>
    public string TakeWord(bool dots = false)
    {
        var start = Position;
        while (!AtEnd && WordLength() is var length && (length > 0 || (dots && text[Position] == '.')))
        {
            Position += Math.Max(length, 1);
        }

        return text[start..Position];
    }

    /// <summary>Takes what could be an operator made of signs. Empty when there is none.</summary>
    public string TakeSigns()
    {
        var start = Position;
        while (!AtEnd && text[Position] is '=' or '!' or '<' or '>' or '~')
        {
            Position++;
        }

        return text[start..Position];
    }

    /// <summary>
    /// Takes a text in the quotes that the cursor stands before. There is no escape: a doubled quote does not end the text, and stays
    /// doubled in it, as MLflow has it; a backslash is a character like any other.
    /// </summary>
    public string TakeQuoted()
    {
        var start = Position;
        var quote = text[Position++];
        while (!AtEnd)
        {
            if (text[Position++] != quote)
            {
                continue;
            }

            if (AtEnd || text[Position] != quote)
            {
                return text[(start + 1)..(Position - 1)];
            }

            Position++;
        }

        throw Error($"The quote {quote} is not closed.", start, text.Length);
    }

    /// <summary>Takes a number such as <c>1</c>, <c>-0.5</c>, <c>.5</c> or <c>1e-3</c>.</summary>
    public double TakeNumber()
    {
        var start = Position;
        TryTake('-');
        var digits = TakeDigits();
        if (TryTake('.'))
        {
            digits += TakeDigits();
        }

        var complete = digits > 0;
        if (complete && Current is 'e' or 'E')
        {
            Position++;
            _ = TryTake('-') || TryTake('+');
            complete = TakeDigits() > 0;
        }

        if (!complete || (!AtEnd && (WordLength() > 0 || Current == '.')))
        {
            throw Error("A number is written as 1, -0.5 or 1e-3.", start);
        }

        // Beyond the range of a double this gives an infinity, as Python's float does.
        return double.Parse(text.AsSpan(start, Position - start), NumberStyles.Float, CultureInfo.InvariantCulture);
    }

    /// <summary>What is wrong at a place: the rule, the offending part and where it is.</summary>
    /// <param name="rule">The rule, one or more whole sentences.</param>
    /// <param name="start">Where the offending part begins.</param>
    /// <param name="end">Where it ends; default: at the next blank.</param>
    public ArgumentException Error(string rule, int start, int end = 0)
    {
        var what = parameterName == "filter" ? "filter" : "order";
        if (start >= text.Length)
        {
            return new ArgumentException($"{rule} The {what} ends too early, at character {start + 1}.", parameterName);
        }

        if (end <= start)
        {
            // The scan is bounded: no more than what is shown.
            for (end = start + 1; end < text.Length && end - start <= ShownLength && !char.IsWhiteSpace(text[end]); end++)
            {
            }
        }

        var part = end - start <= ShownLength ? text[start..end] : text[start..(start + ShownLength)] + "…";
        return new ArgumentException($"{rule} Found: {part} (at character {start + 1} of the {what}).", parameterName);
    }

    private int TakeDigits()
    {
        var start = Position;
        while (char.IsAsciiDigit(Current))
        {
            Position++;
        }

        return Position - start;
    }

    /// <summary>How many UTF-16 units the word character at the cursor has: 0 when it is none, 2 for one beyond U+FFFF.</summary>
    private int WordLength()
        => text[Position] == '_' ? 1
        : !char.IsLetterOrDigit(text, Position) ? 0
        : char.IsHighSurrogate(text[Position]) ? 2 : 1;
}
