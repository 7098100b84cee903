using ModelTrack.Client.Fakes;

namespace ModelTrack.Client.Tests.Sync;

/// <summary>The store that MLflow wrote goes into others and back, and is then what MLflow reads.</summary>
internal sealed class FixtureSyncTests
{
    private static readonly SyncOptions Everything = new() { IncludeDeleted = true };

    private SyncStand _stand = null!;

    [SetUp]
    public void MakeStand() => _stand = new SyncStand();

    [TearDown]
    public void RemoveStand() => _stand.Dispose();

    [Test]
    public async Task Into_an_empty_folder_and_into_another_one_it_stays_what_MLflow_reads()
    {
        var first = _stand.OpenFolder("first");
        var second = _stand.OpenFolder("second");

        var fixture = _stand.OpenFixture();
        var there = await first.SyncFromAsync(fixture, Everything);
        var onward = await second.SyncFromAsync(first, Everything);

        AssertComplete(there);
        AssertComplete(onward);
        Assert.That(await StoreText.OfAsync(first), Is.EqualTo(StoreText.OfExpected()));
        Assert.That(await StoreText.OfAsync(second), Is.EqualTo(StoreText.OfExpected()));
        Assert.That(await StoreText.OfAsync(second, withHashes: true), Is.EqualTo(await StoreText.OfAsync(fixture, withHashes: true)));
    }

    [Test]
    public async Task Back_in_the_folder_that_it_came_from_nothing_is_added()
    {
        var fixture = _stand.OpenFixture();
        var folder = _stand.OpenFolder("first");
        await folder.SyncFromAsync(fixture, Everything);

        var back = await fixture.SyncFromAsync(folder, Everything);

        AssertComplete(back);
        Assert.That(back.Items.Select(item => item.Outcome), Is.All.EqualTo(SyncOutcome.Unchanged));
        Assert.That(await StoreText.OfAsync(fixture), Is.EqualTo(StoreText.OfExpected()));
    }

    [TestCase(StoreSemantics.Sql, "3.11.1")]
    [TestCase(StoreSemantics.FileStore, "3.11.1")]
    [TestCase(StoreSemantics.Sql, "2.17.0")]
    [TestCase(StoreSemantics.FileStore, "2.17.0")]
    public async Task Into_a_server_and_back_it_stays_what_MLflow_reads(StoreSemantics semantics, string version)
    {
        await using var fake = await FakeServer.StartAsync(
            new FakeServerOptions { Semantics = semantics, Version = version, DownloadsNonAsciiNames = true });
        var server = _stand.Open(fake.Url.AbsoluteUri);
        var fixture = _stand.OpenFixture();
        var folder = _stand.OpenFolder("back");
        var asDatabase = semantics == StoreSemantics.Sql;

        AssertComplete(await server.SyncFromAsync(fixture, Everything));
        Assert.That(await StoreText.OfAsync(server, asDatabase), Is.EqualTo(StoreText.OfExpected(asDatabase)));

        AssertComplete(await folder.SyncFromAsync(server, Everything));
        Assert.That(await StoreText.OfAsync(folder, asDatabase), Is.EqualTo(StoreText.OfExpected(asDatabase)));

        AssertComplete(await fixture.SyncFromAsync(server, Everything));
        Assert.That(await StoreText.OfAsync(fixture), Is.EqualTo(StoreText.OfExpected()));
    }

    /// <summary>
    /// A server that already has a copy, from an earlier test, gets nothing. Artifacts do not come back: real servers cannot send one of
    /// the fixture's, whose name is not ASCII.
    /// </summary>
    [TestCaseSource(nameof(LivingServers))]
    public async Task Into_a_living_server_and_back_it_stays_what_MLflow_reads(string uri)
    {
        var server = _stand.Open(uri);
        var fixture = _stand.OpenFixture();
        var folder = _stand.OpenFolder("back");
        var expected = StoreText.OfExpected(asDatabase: true).FindAll(IsOfFixture);

        AssertComplete(await server.SyncFromAsync(fixture, Everything));
        var again = await server.SyncFromAsync(fixture, Everything);
        AssertComplete(await folder.SyncFromAsync(server, new SyncOptions
        {
            IncludeDeleted = true,
            IncludeArtifacts = false,
            IncludeRegisteredModels = false,
            Experiments = ["fixtures/named exp", "to-be-deleted"],
        }));

        Assert.That(again.Items.Select(item => item.Outcome), Is.All.EqualTo(SyncOutcome.Unchanged));
        Assert.That((await StoreText.OfAsync(server, asDatabase: true)).FindAll(IsOfFixture), Is.EqualTo(expected));
        Assert.That(
            (await StoreText.OfAsync(folder, asDatabase: true)).FindAll(IsOfFixture),
            Is.EqualTo(expected.Where(line => !line.Contains(": artifact ", StringComparison.Ordinal))));

        static bool IsOfFixture(string line)
            => line.StartsWith("fixtures/named exp", StringComparison.Ordinal)
                || line.StartsWith("to-be-deleted", StringComparison.Ordinal);
    }

    private static IEnumerable<string> LivingServers
        => ServersUnderTest.Names.Where(name => name.StartsWith("http", StringComparison.Ordinal));

    private static void AssertComplete(SyncReport report) => Assert.That(
        report.Items.Where(item => item.Outcome is SyncOutcome.Conflict or SyncOutcome.Failed)
            .Select(item => $"{item.Kind} {item.Name}: {item.Failure} {string.Join(' ', item.Conflicts)}"),
        Is.Empty);
}
