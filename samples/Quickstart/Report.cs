namespace Quickstart;

/// <summary>A scored row of the test data. The names are those of ML.NET's columns.</summary>
internal sealed record Prediction
{
    public bool Label { get; set; }

    public bool PredictedLabel { get; set; }

    public float Score { get; set; }

    public float Probability { get; set; }
}

/// <summary>A small table about a model's predictions.</summary>
internal sealed record Report(IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<object?>> Rows)
{
    public static Report ConfusionMatrix(IReadOnlyCollection<Prediction> rows)
    {
        int Count(bool actual, bool predicted) => rows.Count(row => row.Label == actual && row.PredictedLabel == predicted);
        return new Report(
            ["actual", "predicted_benign", "predicted_malignant"],
            [
                ["benign", Count(true, true), Count(true, false)],
                ["malignant", Count(false, true), Count(false, false)],
            ]);
    }

    /// <summary>A point for every threshold at which the predictions change, beginning with "nothing is benign".</summary>
    public static Report RocCurve(IReadOnlyCollection<Prediction> rows)
    {
        double positives = rows.Count(row => row.Label);
        var negatives = rows.Count - positives;
        int truePositives = 0, falsePositives = 0;
        List<object?[]> points = [[null, 0.0, 0.0]];
        foreach (var ties in rows.GroupBy(row => row.Probability).OrderByDescending(group => group.Key))
        {
            truePositives += ties.Count(row => row.Label);
            falsePositives += ties.Count(row => !row.Label);
            points.Add([ties.Key, falsePositives / negatives, truePositives / positives]);
        }

        return new Report(["threshold", "false_positive_rate", "true_positive_rate"], points);
    }

    public string ToCsv() => string.Concat(Rows.Prepend(Columns).Select(row => string.Join(',', row) + "\n"));
}
