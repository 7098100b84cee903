using System.Globalization;

namespace Worker;

/// <summary>Logistic regression by gradient descent on the data beside the program: enough of a training to be worth recording.</summary>
internal sealed class LogisticRegression
{
    private readonly double[][] _rows;
    private readonly double[] _labels;
    private readonly double[] _weights;

    private LogisticRegression(double[][] rows, double[] labels)
    {
        _rows = rows;
        _labels = labels;
        _weights = new double[rows[0].Length];
    }

    public static string DataPath => Path.Combine(AppContext.BaseDirectory, "breast-cancer-wisconsin.csv");

    public int Rows => _rows.Length;

    /// <summary>Reads the data; every feature gets mean 0 and deviation 1, and a constant is added.</summary>
    public static LogisticRegression Load()
    {
        var table = File.ReadLines(DataPath).Skip(1)
            .Select(line => Array.ConvertAll(line.Split(','), cell => double.Parse(cell, CultureInfo.InvariantCulture)))
            .ToArray();
        var rows = Array.ConvertAll(table, row => (double[])[.. row[..^1], 1]);
        for (var feature = 0; feature < rows[0].Length - 1; feature++)
        {
            var mean = rows.Average(row => row[feature]);
            var deviation = Math.Sqrt(rows.Average(row => Math.Pow(row[feature] - mean, 2)));
            foreach (var row in rows)
            {
                row[feature] = (row[feature] - mean) / deviation;
            }
        }

        return new LogisticRegression(rows, Array.ConvertAll(table, row => row[^1]));
    }

    /// <summary>One step down the slope. Returns the loss and the accuracy before it.</summary>
    public (double Loss, double Accuracy) Step(double learningRate)
    {
        var gradient = new double[_weights.Length];
        var (loss, right) = (0.0, 0);
        foreach (var (row, label) in _rows.Zip(_labels))
        {
            var predicted = 1 / (1 + Math.Exp(-row.Zip(_weights, (x, w) => x * w).Sum()));
            loss -= Math.Log(Math.Max(label == 1 ? predicted : 1 - predicted, 1e-12));
            right += predicted >= 0.5 == (label == 1) ? 1 : 0;
            for (var i = 0; i < gradient.Length; i++)
            {
                gradient[i] += (predicted - label) * row[i] / Rows;
            }
        }

        for (var i = 0; i < gradient.Length; i++)
        {
            _weights[i] -= learningRate * gradient[i];
        }

        return (loss / Rows, (double)right / Rows);
    }

    public IEnumerable<double> Weights => _weights;
}
