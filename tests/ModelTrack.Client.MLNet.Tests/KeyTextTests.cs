namespace ModelTrack.Client.MLNet.Tests;

internal sealed class KeyTextTests
{
    [TestCase("NumberOfLeaves", "number_of_leaves")]
    [TestCase("L2Regularization", "l2_regularization")]
    [TestCase("ResetWeightsAfterXExamples", "reset_weights_after_x_examples")]
    [TestCase("MaximumMB", "maximum_mb")]
    [TestCase("NDCGScore", "ndcg_score")]
    [TestCase("already_snake", "already_snake")]
    [TestCase("L1", "l1")]
    [TestCase("", "")]
    public void A_name_becomes_snake_case(string name, string expected) => Assert.That(KeyText.Snake(name), Is.EqualTo(expected));

    [Test]
    public void Names_become_parts_of_keys_that_differ()
        => Assert.That(
            KeyText.Distinct(["a/b", "a|b", "ü 日", "", "..", "..x", " a_b ", "A_B", new string('n', 300)]),
            Is.EqualTo(new[] { "a_b", "a_b_2", "ü 日", "_", "__2", "_..x", "a_b_3", "A_B_4", new string('n', 100) }));
}
