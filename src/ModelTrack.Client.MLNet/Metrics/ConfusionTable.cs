using System.Globalization;
using Microsoft.ML.Data;

namespace ModelTrack.Client.MLNet;

/// <summary>A confusion matrix as a table: a row for each pair of an actual and a predicted class.</summary>
internal static class ConfusionTable
{
    public const string File = "confusion_matrix.json";

    private const string Bar = "||";

    public static readonly IReadOnlyList<string> Columns = ["step", "actual", "predicted", "count"];

    public static IEnumerable<IReadOnlyList<object?>> Rows(ConfusionMatrix matrix, long step)
    {
        var names = ClassNames(matrix);
        for (var actual = 0; actual < matrix.NumberOfClasses; actual++)
        {
            for (var predicted = 0; predicted < matrix.NumberOfClasses; predicted++)
            {
                yield return [step, names[actual], names[predicted], matrix.GetCountForClassPair(predicted, actual)];
            }
        }
    }

    /// <summary>
    /// The names of the classes, which ML.NET tells by the matrix' text alone: a line for each actual class, with its number before the name
    /// where there are names. Else, and where that text has another form, the numbers.
    /// </summary>
    public static IReadOnlyList<string> ClassNames(ConfusionMatrix matrix)
    {
        var lines = matrix.GetFormattedConfusionTable().Split('\n')
            .SkipWhile(line => !line.StartsWith("TRUTH", StringComparison.Ordinal))
            .Skip(1)
            .TakeWhile(line => !line.Contains(Bar + "=", StringComparison.Ordinal))
            .ToList();
        var names = lines.Select((line, i) => Name(line, i)).OfType<string>().ToList();
        return names.Count == matrix.NumberOfClasses && names.Count == lines.Count
            ? names
            : [.. Enumerable.Range(0, matrix.NumberOfClasses).Select(i => i.ToString(CultureInfo.InvariantCulture))];
    }

    private static string? Name(string line, int index)
    {
        var bar = line.LastIndexOf(Bar, StringComparison.Ordinal);
        if (bar < 0)
        {
            return null;
        }

        var name = line[..bar].Trim();
        var number = FormattableString.Invariant($"{index}. ");
        return name.StartsWith(number, StringComparison.Ordinal) ? name[number.Length..].TrimStart() : name;
    }
}
