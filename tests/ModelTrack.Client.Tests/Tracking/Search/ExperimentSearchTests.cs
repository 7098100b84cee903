using ModelTrack.Client.Tracking.Search;

namespace ModelTrack.Client.Tests.Tracking.Search;

internal sealed class ExperimentSearchTests
{
    private static readonly Experiment Cancer = new()
    {
        Id = "1",
        Name = "cancer-a",
        CreationTime = DateTimeOffset.FromUnixTimeMilliseconds(10),
        LastUpdateTime = DateTimeOffset.FromUnixTimeMilliseconds(20),
        Tags = new Dictionary<string, string> { ["team"] = "ml", ["k e y"] = "value" },
    };

    private static readonly Experiment Old = new() { Id = "0", Name = "Default" };

    [TestCase("name = 'cancer-a'", true)]
    [TestCase("attribute.name = 'cancer-a'", true)]
    [TestCase("attributes.name != 'x'", true)]
    [TestCase("attribute.`name` LIKE 'cancer%'", true)]
    [TestCase("name ilike 'CANCER%' and name ilike '%a'", true)]
    [TestCase("creation_time = 10", true)]
    [TestCase("creation_time > 1e1", false)]
    [TestCase("last_update_time >= 20", true)]
    [TestCase("last_update_time != 20", false)]
    [TestCase("tags.team = 'ml'", true)]
    [TestCase("tag.team != 'ml'", false)]
    [TestCase("tag.`k e y` LIKE 'val%'", true)]
    [TestCase("tags.\"k e y\" ILIKE '%LUE'", true)]
    [TestCase("tags.none IS NULL", true)]
    [TestCase("tags.team IS NOT NULL", true)]
    [TestCase("tags.none != 'a'", false)]
    public void Experiments_are_found_by_name_times_and_tags(string filter, bool expected) =>
        Assert.That(ExperimentSearch.Parse(filter, []).Matches(Cancer), Is.EqualTo(expected));

    [TestCase("creation_time > 0")]
    [TestCase("last_update_time != 1")]
    public void A_missing_time_matches_nothing(string filter) =>
        Assert.That(ExperimentSearch.Parse(filter, []).Matches(Old), Is.False);

    [TestCase("foo = 'ml'", "may use: name, creation_time, last_update_time.")]
    [TestCase("experiment_id = '1'", "may use: name, creation_time, last_update_time.")]
    [TestCase("lifecycle_stage = 'active'", "may use: name")]
    [TestCase("attr.name = 'x'", "attribute, tags")]
    [TestCase("metrics.a > 1", "Experiments can be filtered by attribute, tags.")]
    [TestCase("name > 'x'", "only =, !=, LIKE, ILIKE")]
    [TestCase("name IN ('x')", "only =, !=, LIKE, ILIKE")]
    [TestCase("name IS NULL", "only =, !=, LIKE, ILIKE")]
    [TestCase("tags.a IN ('x')", "only =, !=, LIKE, ILIKE, IS NULL, IS NOT NULL")]
    [TestCase("creation_time LIKE 'x'", "only =, !=, >, >=, <, <=")]
    [TestCase("creation_time > '1'", "is a number")]
    [TestCase("name = 1", "is a text")]
    [TestCase("  ", "ends too early")]
    public void What_experiments_do_not_have_is_refused(string filter, string message)
    {
        var error = Assert.Throws<ArgumentException>(() => ExperimentSearch.Parse(filter, []))!;

        Assert.That(error.ParamName, Is.EqualTo("filter"));
        Assert.That(error.Message, Does.Contain(message));
    }

    [TestCase("3 2 1 0")]
    [TestCase("0 1 2 3", "experiment_id")]
    [TestCase("3 2 1 0", "attribute.experiment_id DESC")]
    [TestCase("0 3 2 1", "attributes.name")]
    [TestCase("1 2 3 0", "creation_time ASC")]
    [TestCase("3 2 1 0", "last_update_time")]
    [TestCase("2 1 3 0", "last_update_time desc")]
    public void Experiments_come_in_the_order_asked_for(string expected, params string[] orderBy)
    {
        List<Experiment> experiments =
        [
            Old, Create("1", "d", 10, 20), Create("2", "c", 20, 20), Create("3", "b", 30, 10),
        ];

        ExperimentSearch.Parse(null, orderBy).Sort(experiments);

        Assert.That(string.Join(' ', experiments.Select(e => e.Id)), Is.EqualTo(expected));
    }

    [Test]
    public void Equal_experiments_come_by_id_ascending_by_default_and_descending_in_a_given_order()
    {
        List<Experiment> experiments = [Create("2", "b", 10, 10), Create("1", "a", 10, 10), Create("3", "c", 10, 10)];

        ExperimentSearch.Parse(null, []).Sort(experiments);
        var byDefault = experiments.Select(e => e.Id).ToList();
        ExperimentSearch.Parse(null, ["last_update_time"]).Sort(experiments);

        Assert.That(byDefault, Is.EqualTo(new[] { "1", "2", "3" }));
        Assert.That(experiments.Select(e => e.Id), Is.EqualTo(new[] { "3", "2", "1" }));
    }

    [TestCase("bogus ASC", "may use: name, experiment_id, creation_time, last_update_time.")]
    [TestCase("tags.a", "Experiments can be ordered by attribute.")]
    [TestCase("name decs", "ASC or DESC only")]
    public void An_order_by_something_else_is_refused(string orderBy, string message)
    {
        var error = Assert.Throws<ArgumentException>(() => ExperimentSearch.Parse(null, [orderBy]))!;

        Assert.That(error.ParamName, Is.EqualTo("orderBy"));
        Assert.That(error.Message, Does.Contain(message));
    }

    private static Experiment Create(string id, string name, long created, long updated) => new()
    {
        Id = id,
        Name = name,
        CreationTime = DateTimeOffset.FromUnixTimeMilliseconds(created),
        LastUpdateTime = DateTimeOffset.FromUnixTimeMilliseconds(updated),
    };
}
