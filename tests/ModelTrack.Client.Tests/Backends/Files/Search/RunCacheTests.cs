using Microsoft.Extensions.Time.Testing;
using ModelTrack.Client.Backends.Files.Search;

namespace ModelTrack.Client.Tests.Backends.Files.Search;

/// <summary>The cache of runs keeps within its limit.</summary>
internal sealed class RunCacheTests
{
    private readonly string _folder = Directory.CreateTempSubdirectory("modeltrack-tests-").FullName;
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UtcNow.AddHours(1));

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void A_full_cache_takes_nothing_more()
    {
        using var cache = new RunCache(_clock, () => true, byteCap: 10_000);
        cache.BeginSearch();
        for (var i = 0; i < 100; i++)
        {
            Add(cache, $"run{i}");
        }

        Assert.That(cache.HasRoom, Is.False);
        Assert.That(cache.Count, Is.InRange(2, 10));
        Assert.That(cache.Find(Folder("run0")), Is.Not.Null);
        Assert.That(cache.Find(Folder("run99")), Is.Null);
    }

    [Test]
    public void A_search_of_others_makes_room_from_what_the_last_one_did_not_use()
    {
        using var cache = new RunCache(_clock, () => true, byteCap: 10_000);
        cache.BeginSearch();
        for (var i = 0; cache.HasRoom; i++)
        {
            Add(cache, $"old{i}");
        }

        cache.BeginSearch();
        Assert.That(cache.Find(Folder("old0")), Is.Not.Null);
        Add(cache, "new");
        Assert.That(cache.Find(Folder("new")), Is.Null, "what the search before used is still there");

        cache.BeginSearch();
        Add(cache, "new");
        Assert.That(cache.Find(Folder("new")), Is.Not.Null);
        Assert.That(cache.Find(Folder("old0")), Is.Not.Null, "the last search used it");
        Assert.That(cache.Find(Folder("old1")), Is.Null);
    }

    [Test]
    public void On_a_file_system_that_does_not_show_changes_nothing_outlives_the_search()
    {
        using var cache = new RunCache(_clock, () => false);
        cache.BeginSearch();
        Add(cache, "run");
        Assert.That(cache.Count, Is.EqualTo(1), "it counts towards what a search may hold");
        Assert.That(cache.Find(Folder("run")), Is.Null);

        cache.BeginSearch();
        Assert.That(cache.Count, Is.Zero);
    }

    [Test]
    public void A_link_is_not_kept()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Ignore("Links need a privilege there.");
        }

        using var cache = new RunCache(_clock, () => true);
        cache.BeginSearch();
        Directory.CreateDirectory(Folder("run/tags"));
        File.WriteAllText(Path.Combine(_folder, "elsewhere"), "status: 3");
        File.CreateSymbolicLink(Folder("run/meta.yaml"), Path.Combine(_folder, "elsewhere"));
        Add(cache, "run");

        Assert.That(cache.Count, Is.Zero);
    }

    private string Folder(string name) => _folder + "/" + name;

    private void Add(RunCache cache, string name)
    {
        Directory.CreateDirectory(Folder(name));
        if (!File.Exists(Folder(name) + "/meta.yaml"))
        {
            File.WriteAllText(Folder(name) + "/meta.yaml", "status: 3");
        }

        var stamps = new RunStamps(Folder(name));
        stamps.TakeMeta();
        stamps.TakeFolder(Folder(name));
        cache.TryAdd(Folder(name), new RunSnapshot { Id = name, ExperimentId = "0" }, stamps, _clock.GetUtcNow());
    }
}
