using Microsoft.ML.Trainers;
using Microsoft.ML.Trainers.FastTree;

namespace ModelTrack.Client.MLNet.Tests.Trainers;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class RunTrainerTests : IDisposable
{
    private readonly TrackedRun _run = new();

    public void Dispose() => _run.Dispose();

    [Test]
    public async Task Options_become_params_in_snake_case_without_the_names_of_columns()
    {
        _run.Run.LogTrainer(new SdcaLogisticRegressionBinaryTrainer.Options
        {
            L2Regularization = 0.25f,
            MaximumNumberOfIterations = 7,
            LabelColumnName = "Benign",
            ExampleWeightColumnName = "Weight",
        });
        Assert.That((await _run.StoredAsync()).Params, Is.EquivalentTo(new Dictionary<string, string>
        {
            ["trainer"] = "SdcaLogisticRegressionBinaryTrainer",
            ["positive_instance_weight"] = "1",
            ["l2_regularization"] = "0.25",
            ["l1_regularization"] = "",
            ["number_of_threads"] = "",
            ["convergence_tolerance"] = "0.1",
            ["maximum_number_of_iterations"] = "7",
            ["shuffle"] = "true",
            ["convergence_check_frequency"] = "",
            ["bias_learning_rate"] = "0",
        }));
    }

    [Test]
    public async Task What_has_options_of_its_own_is_said_by_its_name_with_them_below_it()
    {
        _run.Run.LogTrainer(new FastTreeBinaryTrainer.Options { NumberOfTrees = 30, EarlyStoppingRule = new GeneralityLossRule(0.02f) }, "tree.")
            .LogTrainer(new SdcaNonCalibratedBinaryTrainer.Options { LossFunction = new SmoothedHingeLoss(0.5f) }, "sdca");
        var stored = (await _run.StoredAsync()).Params;
        Assert.Multiple(() =>
        {
            Assert.That(stored["tree.trainer"], Is.EqualTo("FastTreeBinaryTrainer"));
            Assert.That(stored["tree.number_of_trees"], Is.EqualTo("30"));
            Assert.That(stored["tree.optimization_algorithm"], Is.EqualTo("GradientDescent"));
            Assert.That(stored["tree.early_stopping_metric"], Is.EqualTo("L1Norm"));
            Assert.That(stored["tree.early_stopping_rule"], Is.EqualTo("GeneralityLossRule"));
            Assert.That(stored["tree.early_stopping_rule.threshold"], Is.EqualTo("0.02"));
            Assert.That(stored["sdca.loss_function"], Is.EqualTo("SmoothedHingeLoss"));
            Assert.That(stored.Keys, Has.None.Contain("column"));
        });
    }

    [Test]
    public async Task Options_of_a_programs_own_are_read_by_their_public_members_alone()
    {
        _run.Run.LogTrainer(new Own());
        Assert.That((await _run.StoredAsync()).Params, Is.EquivalentTo(new Dictionary<string, string>
        {
            ["trainer"] = "Own",
            ["rates"] = "[0.5,\"NaN\"]",
            ["names"] = "[\"a\",null]",
            ["kinds"] = "[\"Monday\"]",
            ["long_text"] = string.Concat(Enumerable.Repeat("\U0001F600", 5_999)) + "…",
            ["long_list"] = ("[" + string.Join(',', Enumerable.Repeat("1000000", 1_000)))[..5_999] + "…",
            ["broken"] = "",
        }));
    }

    [Test]
    public async Task Options_that_hold_themselves_end_somewhere()
    {
        _run.Run.LogTrainer(new Endless { Depth = 1 });
        var stored = (await _run.StoredAsync()).Params;
        Assert.That(stored["inner.inner.depth"], Is.EqualTo("1"));
        Assert.That(stored.Keys.Max(key => key.Split('.').Length), Is.EqualTo(5));
    }

    [Test]
    public void What_has_no_options_is_refused()
    {
        Assert.Multiple(() =>
        {
            Assert.That(() => _run.Run.LogTrainer(new object()), Throws.ArgumentException.With.Message.Contains("Options"));
            Assert.That(() => _run.Run.LogTrainer("text"), Throws.ArgumentException.With.Message.Contains("Options"));
            Assert.That(() => _run.Run.LogTrainer(null!), Throws.ArgumentNullException);
            Assert.That(() => _run.Run.LogTrainer(new KMeansTrainer.Options(), "a#b"), Throws.ArgumentException.With.Message.Contains("'#'"));
        });
    }

    [Test]
    public async Task A_second_trainer_without_a_prefix_is_refused_as_a_whole()
    {
        _run.Run.LogTrainer(new KMeansTrainer.Options());
        Assert.That(() => _run.Run.LogTrainer(new AveragedPerceptronTrainer.Options()), Throws.TypeOf<ModelTrackException>());
        Assert.That((await _run.StoredAsync()).Params, Does.Not.ContainKey("learning_rate"));
    }

    private sealed class Endless
    {
        public int Depth { get; set; }

        public Endless Inner => this;
    }

    private sealed class Own
    {
        public readonly double[] Rates = [0.5, double.NaN];
        public readonly List<string?> Names = ["a", null];
        public readonly DayOfWeek[] Kinds = [DayOfWeek.Monday];
        public readonly string LongText = string.Concat(Enumerable.Repeat("\U0001F600", 6_001));
        public readonly int[] LongList = [.. Enumerable.Repeat(1_000_000, 1_000)];
        public readonly Action? Callback = () => { };
        public readonly string LabelColumnName = "Label";

        public int Broken => throw new NotSupportedException();

        internal int Hidden { get; set; } = 1;

        private int Secret { get; set; } = 1;
    }
}
