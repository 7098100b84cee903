namespace ModelTrack.Client.Tests.Tracking;

internal sealed class OrderByTextTests
{
    [TestCase(null)]
    [TestCase("")]
    [TestCase(" \t")]
    public void No_order_has_no_elements(string? orderBy) => Assert.That(OrderByText.Split(orderBy), Is.Empty);

    [TestCase("start_time", "start_time")]
    [TestCase(" metrics.auc DESC , start_time ", "metrics.auc DESC", "start_time")]
    [TestCase("metrics.`a,b`,params.\"c,d\" ASC", "metrics.`a,b`", "params.\"c,d\" ASC")]
    [TestCase("metrics.`a\",b` DESC,tags.\"c`,d\"", "metrics.`a\",b` DESC", "tags.\"c`,d\"")]
    public void Commas_outside_quotes_separate(string orderBy, params string[] expected) =>
        Assert.That(OrderByText.Split(orderBy), Is.EqualTo(expected));

    [TestCase(",")]
    [TestCase("a,")]
    [TestCase(",a")]
    [TestCase("a, ,b")]
    [TestCase("metrics.`a,b")]
    public void An_empty_element_or_an_open_quote_is_refused(string orderBy) =>
        Assert.That(() => OrderByText.Split(orderBy), Throws.ArgumentException.With.Property("ParamName").EqualTo("orderBy"));
}
