using System.Globalization;
using System.Text.RegularExpressions;

namespace ModelTrack.Client.MLNet;

/// <summary>
/// What the messages of trainers (of Microsoft.ML 5.0) say in numbers. Their form is no contract: a message of another form says nothing.
/// One message at a time.
/// </summary>
internal sealed partial class TrainingProgress
{
    private const string TreeSource = "FastTreeTraining";

    /// <summary>The iterations of trees, which are counted by a message that each of them begins with.</summary>
    private long _treeIterations;

    public IEnumerable<ProgressPoint> Read(string source, string message)
    {
        if (source.StartsWith(TreeSource, StringComparison.Ordinal))
        {
            return ReadTrees(message);
        }

        return ReadOthers(source, message);
    }

    private IEnumerable<ProgressPoint> ReadTrees(string message)
    {
        if (message.StartsWith("Starting to train", StringComparison.Ordinal))
        {
            _treeIterations = 0;
        }
        else if (message.StartsWith("numTotalTrees left", StringComparison.Ordinal))
        {
            _treeIterations++;
        }
        else if (PickedIteration().Match(message) is { Success: true } picked)
        {
            yield return new ProgressPoint("best_iteration", Integer(picked), _treeIterations);
        }
        else if (message.StartsWith("train", StringComparison.Ordinal))
        {
            foreach (Match match in TreeValue().Matches(message))
            {
                if (Number(match.Groups["value"].Value) is { } value)
                {
                    yield return new ProgressPoint(
                        $"{match.Groups["set"].Value}/{KeyText.Snake(match.Groups["name"].Value)}", value, _treeIterations);
                }
            }

            foreach (Match line in RankingLine().Matches(message))
            {
                foreach (Match match in RankingValue().Matches(line.Value))
                {
                    if (Number(match.Groups["value"].Value) is { } percent)
                    {
                        yield return new ProgressPoint(
                            $"{line.Groups["set"].Value}/ndcg_at_{match.Groups["at"].Value}", percent / 100, _treeIterations);
                    }
                }
            }
        }
    }

    private static IEnumerable<ProgressPoint> ReadOthers(string source, string message)
    {
        if (FinishedIteration().Match(message) is { Success: true } finished)
        {
            yield return new ProgressPoint("examples", long.Parse(finished.Groups["examples"].Value, CultureInfo.InvariantCulture), Integer(finished));
        }
        else if (BestIteration().Match(message) is { Success: true } best)
        {
            yield return new ProgressPoint("best_iteration", Integer(best), Integer(best));
        }
        else if (EarlyStop().Match(message) is { Success: true } stop)
        {
            yield return new ProgressPoint("best_iteration", Integer(stop), Integer(stop));
            if (Number(stop.Groups["value"].Value) is { } score)
            {
                yield return new ProgressPoint("best_score", score, Integer(stop));
            }
        }
        else if (source.StartsWith("Lbfgs", StringComparison.Ordinal)
            && Statistic().Match(message) is { Success: true } statistic
            && Number(statistic.Groups["value"].Value) is { } value)
        {
            yield return new ProgressPoint(statistic.Groups["name"].Value.Replace(' ', '_').ToLowerInvariant(), value, 0);
        }
    }

    private static long Integer(Match match) => long.Parse(match.Groups["iteration"].Value, CultureInfo.InvariantCulture);

    /// <summary>ML.NET writes numbers as the thread's culture has them.</summary>
    private static double? Number(string text)
        => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            || double.TryParse(text, NumberStyles.Float, CultureInfo.CurrentCulture, out value)
            ? value
            : null;

    [GeneratedRegex(@"^(?<set>train|valid)\.(?<name>\w+)=(?<value>\S+)\r?$", RegexOptions.Multiline)]
    private static partial Regex TreeValue();

    [GeneratedRegex(@"^(?<set>train|valid)NDCG:.*$", RegexOptions.Multiline)]
    private static partial Regex RankingLine();

    [GeneratedRegex(@"@(?<at>[0-9]+):(?<value>\S+)")]
    private static partial Regex RankingValue();

    [GeneratedRegex(@"iteration (?<iteration>[0-9]+) is picked$|^Pruning picked iteration (?<iteration>[0-9]+)$")]
    private static partial Regex PickedIteration();

    [GeneratedRegex(@"Finished training iteration (?<iteration>[0-9]+); iterated over (?<examples>[0-9]+) examples")]
    private static partial Regex FinishedIteration();

    [GeneratedRegex(@"^Using best model from iteration (?<iteration>[0-9]+)\.$")]
    private static partial Regex BestIteration();

    [GeneratedRegex(@"^Met early stopping, best iteration: (?<iteration>[0-9]+), best score: (?<value>\S+)$")]
    private static partial Regex EarlyStop();

    [GeneratedRegex(@"^(?<name>Residual Deviance|Null Deviance|AIC):\s+(?<value>\S+)")]
    private static partial Regex Statistic();
}
