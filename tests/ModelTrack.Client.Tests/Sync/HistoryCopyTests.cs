namespace ModelTrack.Client.Tests.Sync;

internal sealed class HistoryCopyTests
{
    private static MetricPoint[] Points(params double[] values) => [.. values.Select((value, i) => new MetricPoint(value, i, 1000 + i))];

    private static async Task<(List<MetricPoint> Added, long Surplus)> RunAsync(
        MetricPoint[] source, MetricPoint[]? target, bool isMerging = false, int mostHeld = HistoryCopy.MostHeld)
    {
        var added = new List<MetricPoint>();
        var copy = new HistoryCopy(
            () => Read(source),
            target is null ? null : () => Read(target),
            isMerging,
            point =>
            {
                added.Add(point);
                return default;
            });
        return (added, await copy.RunAsync(mostHeld));
    }

    private static async IAsyncEnumerable<MetricPoint> Read(MetricPoint[] points)
    {
        foreach (var point in points)
        {
            await Task.CompletedTask;
            yield return point;
        }
    }

    [Test]
    public async Task What_comes_behind_a_prefix_is_added_in_order()
    {
        var source = Points(1, 2, double.NaN, 4, 5);
        var (added, surplus) = await RunAsync(source, source[..3]);
        Assert.That(added, Is.EqualTo(source[3..]));
        Assert.That(surplus, Is.Zero);
    }

    [Test]
    public async Task Equal_points_of_a_folder_are_several()
    {
        var point = new MetricPoint(1, 0, 0);
        var (added, surplus) = await RunAsync([point, point, point], [point]);
        Assert.That(added, Has.Count.EqualTo(2));
        Assert.That(surplus, Is.Zero);
    }

    [Test]
    public async Task Equal_points_of_a_database_are_one_in_whatever_order_they_came()
    {
        var first = new MetricPoint(1, 0, 0);
        var second = new MetricPoint(2, 1, 1);
        Assert.That((await RunAsync([first, second, first], [first, second], isMerging: true)).Added, Is.Empty);
        Assert.That((await RunAsync([second, first, second], [first], isMerging: true)).Added, Is.EqualTo([second]));
    }

    [Test]
    public async Task A_database_has_the_greatest_number_for_an_infinity_and_no_negative_zero()
    {
        var (added, surplus) = await RunAsync(
            Points(double.PositiveInfinity, -0.0, double.NegativeInfinity), Points(double.MaxValue, 0, -double.MaxValue), isMerging: true);
        Assert.That(added, Is.Empty);
        Assert.That(surplus, Is.Zero);
        Assert.That((await RunAsync(Points(-0.0), Points(0))).Surplus, Is.EqualTo(1));
    }

    [TestCase(int.MaxValue)]
    [TestCase(3)]
    public async Task Where_the_order_differs_points_are_compared_as_a_bag(int mostHeld)
    {
        var source = Points([.. Enumerable.Range(0, 50).Select(i => (double)i)]);
        MetricPoint[] target = [.. source[10..20].Reverse(), new MetricPoint(99, 99, 99), .. source[..5]];

        var (added, surplus) = await RunAsync(source, target, mostHeld: mostHeld);

        Assert.That(added, Is.EquivalentTo(source[5..10].Concat(source[20..])));
        Assert.That(surplus, Is.EqualTo(1));
    }
}
