using Microsoft.ML;
using Microsoft.ML.Trainers;
using Microsoft.ML.Trainers.FastTree;

namespace ModelTrack.Client.MLNet.Tests.Progress;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class LogProgressTests : IDisposable
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly TrackedRun _run = new();

    public void Dispose() => _run.Dispose();

    [TestCase("en-US")]
    [TestCase("de-DE")]
    public async Task Trees_say_their_losses_at_each_iteration_that_they_test(string culture)
    {
        var data = TestData.Cancer(_ml);
        using (new CultureScope(culture))
        using (_ml.LogProgressTo(_run.Run, "boost"))
        {
            _ml.BinaryClassification.Trainers.FastTree(new FastTreeBinaryTrainer.Options { NumberOfTrees = 6, TestFrequency = 2 }).Fit(data, data);
        }

        foreach (var set in new[] { "train", "valid" })
        {
            var losses = await _run.HistoryAsync($"boost/{set}/loss_rate");
            Assert.That(losses.Select(point => point.Step), Is.EqualTo(new[] { 2, 4, 6 }));
            Assert.That(losses.Select(point => point.Value), Is.Ordered.Descending.And.All.InRange(0.0, 1.0));
            Assert.That(await _run.HistoryAsync($"boost/{set}/error_rate"), Has.Count.EqualTo(3));
        }
    }

    [Test]
    public async Task Trees_for_numbers_and_for_rankings_say_theirs()
    {
        var data = TestData.Wine(_ml);
        using (_ml.LogProgressTo(_run.Run))
        {
            _ml.Regression.Trainers.FastTree(new FastTreeRegressionTrainer.Options
            {
                LabelColumnName = "Alcohol",
                NumberOfTrees = 3,
                TestFrequency = 1,
            }).Fit(data);
            var groups = _ml.Transforms.Conversion.MapValueToKey("Group", "Cultivar").Fit(data).Transform(data);
            _ml.Ranking.Trainers.FastTree(new FastTreeRankingTrainer.Options { RowGroupColumnName = "Group", NumberOfTrees = 2, TestFrequency = 1 })
                .Fit(groups, groups);
        }

        Assert.That((await _run.HistoryAsync("train/l2")).Select(point => point.Step), Is.EqualTo(new[] { 1, 2, 3 }));
        var gains = await _run.HistoryAsync("valid/ndcg_at_3");
        Assert.That(gains.Select(point => point.Step), Is.EqualTo(new[] { 1, 2 }), "Each training begins anew.");
        Assert.That(gains.Select(point => point.Value), Is.All.InRange(0.0, 1.0));
    }

    [Test]
    public async Task Trees_that_stop_early_say_which_iteration_was_best()
    {
        var data = TestData.Cancer(_ml);
        using (_ml.LogProgressTo(_run.Run))
        {
            _ml.BinaryClassification.Trainers.FastTree(new FastTreeBinaryTrainer.Options
            {
                NumberOfTrees = 200,
                TestFrequency = 1,
                EarlyStoppingRule = new LowProgressRule(0.5f, 3),
            }).Fit(data, data);
        }

        var best = (await _run.HistoryAsync("best_iteration")).Single();
        Assert.That(best.Value, Is.InRange(1, 199));
        Assert.That(best.Step, Is.GreaterThanOrEqualTo((long)best.Value));
    }

    [Test]
    public async Task Online_trainers_say_each_pass_over_the_examples()
    {
        var data = TestData.Cancer(_ml);
        using (_ml.LogProgressTo(_run.Run))
        {
            _ml.BinaryClassification.Trainers.AveragedPerceptron(new AveragedPerceptronTrainer.Options { NumberOfIterations = 4 }).Fit(data);
        }

        Assert.That(
            (await _run.HistoryAsync("examples")).Select(point => (point.Step, point.Value)),
            Is.EqualTo(new[] { (1L, 569.0), (2L, 569.0), (3L, 569.0), (4L, 569.0) }));
    }

    [Test]
    public async Task Sdca_says_its_best_iteration_and_logistic_regression_its_statistics()
    {
        var data = TestData.Cancer(_ml);
        data = _ml.Transforms.NormalizeMinMax("Features").Fit(data).Transform(data);
        using (_ml.LogProgressTo(_run.Run))
        {
            _ml.BinaryClassification.Trainers.SdcaLogisticRegression(new SdcaLogisticRegressionBinaryTrainer.Options
            {
                MaximumNumberOfIterations = 5,
                NumberOfThreads = 1,
            }).Fit(data);
            _ml.BinaryClassification.Trainers.LbfgsLogisticRegression(new LbfgsLogisticRegressionBinaryTrainer.Options
            {
                ShowTrainingStatistics = true,
            }).Fit(data);
        }

        Assert.That((await _run.HistoryAsync("best_iteration")).Single().Value, Is.InRange(1, 5));
        Assert.That((await _run.StoredAsync()).Metrics.Keys, Is.EquivalentTo(new[] { "best_iteration", "residual_deviance", "null_deviance", "aic" }));
    }

    [Test]
    public async Task After_its_disposal_and_after_the_runs_end_nothing_is_recorded_and_trainings_go_on()
    {
        var data = TestData.Cancer(_ml);
        var trainer = _ml.BinaryClassification.Trainers.AveragedPerceptron(numberOfIterations: 1);
        using (_ml.LogProgressTo(_run.Run, "a"))
        {
            trainer.Fit(data);
        }

        trainer.Fit(data);
        using (_ml.LogProgressTo(_run.Run, "b"))
        {
            await _run.Run.EndAsync();
            Assert.That(() => trainer.Fit(data), Throws.Nothing);
        }

        Assert.That(await _run.HistoryAsync("a/examples"), Has.Count.EqualTo(1));
        Assert.That((await _run.StoredAsync()).Metrics, Has.Count.EqualTo(1));
    }

    [TestCase("LightGBMBinary; Training with LightGBM", "Met early stopping, best iteration: 12, best score: 0.25", "best_iteration=12@12 best_score=0.25@12")]
    [TestCase("FastTreeTraining; Training", "Pruning picked iteration 7", "best_iteration=7@0")]
    [TestCase("FastTreeTraining; Training", "train.LossRate=abc\nvalid.LossRate=NaN\r\n", "valid/loss_rate=NaN@0")]
    [TestCase("Mine; Training", "numTotalTrees left: 4", "")]
    [TestCase("Mine; Training", "", "")]
    public void A_message_says_what_it_says(string source, string message, string expected)
        => Assert.That(
            string.Join(' ', new TrainingProgress().Read(source, message).Select(
                point => FormattableString.Invariant($"{point.Key}={point.Value}@{point.Step}"))),
            Is.EqualTo(expected));

    private sealed class CultureScope : IDisposable
    {
        private readonly System.Globalization.CultureInfo _before = System.Globalization.CultureInfo.CurrentCulture;

        public CultureScope(string name) => System.Globalization.CultureInfo.CurrentCulture = new(name);

        public void Dispose() => System.Globalization.CultureInfo.CurrentCulture = _before;
    }
}
