using Microsoft.ML;
using Microsoft.ML.Data;

namespace ModelTrack.Client.MLNet.Tests.CrossValidation;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class RunCrossValidationTests : IDisposable
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly TrackedRun _run = new();

    public void Dispose() => _run.Dispose();

    [Test]
    public async Task Folds_are_children_and_the_run_has_mean_and_deviation()
    {
        var pipeline = _ml.Transforms.NormalizeMinMax("Features").Append(_ml.BinaryClassification.Trainers.LbfgsLogisticRegression());
        var results = _ml.BinaryClassification.CrossValidate(TestData.Cancer(_ml), pipeline, numberOfFolds: 3);
        _run.Run.LogCrossValidation(results, "cv", step: 2);

        var stored = (await _run.StoredAsync()).Metrics;
        var children = await _run.ChildrenAsync();
        var aucs = results.Select(result => result.Metrics.AreaUnderRocCurve).ToList();
        Assert.Multiple(() =>
        {
            Assert.That(children.Select(child => (child.Name, child.Status)), Is.EqualTo(new[]
            {
                ("fold-1", RunStatus.Finished), ("fold-2", RunStatus.Finished), ("fold-3", RunStatus.Finished),
            }));
            Assert.That(children.Select(child => child.Metrics["cv/roc_auc"].Value), Is.EqualTo(aucs));
            Assert.That(children.Select(child => child.Metrics["cv/roc_auc"].Step), Is.All.EqualTo(2));
            Assert.That(children[0].Metrics, Has.Count.EqualTo(11));
            Assert.That(stored, Has.Count.EqualTo(22));
            Assert.That(stored["cv/roc_auc_mean"].Value, Is.EqualTo(aucs.Average()).Within(1e-12));
            Assert.That(
                stored["cv/roc_auc_std"].Value, Is.EqualTo(Math.Sqrt(aucs.Average(auc => Math.Pow(auc - aucs.Average(), 2)))).Within(1e-12));
            Assert.That(stored.Values.Select(point => point.Step), Is.All.EqualTo(2));
        });
    }

    [Test]
    public async Task Every_kind_of_metrics_is_taken()
    {
        var pipeline = _ml.Transforms.NormalizeMinMax("Features").Append(_ml.Regression.Trainers.LbfgsPoissonRegression("Alcohol"));
        var results = _ml.Regression.CrossValidate(TestData.Wine(_ml), pipeline, numberOfFolds: 2, labelColumnName: "Alcohol");
        _run.Run.LogCrossValidation(results);
        Assert.That((await _run.StoredAsync()).Metrics.Keys, Does.Contain("r2_score_mean").And.Contain("root_mean_squared_error_std"));
    }

    [Test]
    public async Task What_is_no_cross_validation_is_refused_before_anything_is_recorded()
    {
        Assert.That(
            () => _run.Run.LogCrossValidation(Array.Empty<TrainCatalogBase.CrossValidationResult<RegressionMetrics>>()),
            Throws.ArgumentException.With.Message.Contains("no folds"));
        Assert.That(() => _run.Run.LogCrossValidation<RegressionMetrics>(null!), Throws.ArgumentNullException);
        Assert.That(() => MetricValues.Of("text").ToList(), Throws.ArgumentException.With.Message.Contains("System.String"));
        Assert.That(await _run.ChildrenAsync(), Is.Empty);
    }
}
