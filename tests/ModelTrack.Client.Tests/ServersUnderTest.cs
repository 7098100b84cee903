using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using ModelTrack.Client.Backends.Rest;
using ModelTrack.Client.Fakes;

namespace ModelTrack.Client.Tests;

/// <summary>
/// The servers that the tests of every kind of store run against: fake ones of two kinds and two generations, and the real ones whose
/// URIs, separated by blanks, the environment variable <c>MODELTRACK_TEST_TRACKING_URI</c> has. Each is shared; tests work in experiments
/// and registered models of their own.
/// </summary>
[SetUpFixture]
public sealed class ServersUnderTest
{
    private static readonly Dictionary<string, FakeServerOptions> Fakes = new()
    {
        ["fake 3.11 on a database"] = new() { Semantics = StoreSemantics.Sql },
        ["fake 3.11 on a folder"] = new() { Semantics = StoreSemantics.FileStore },
        ["fake 2.17 on a database"] = new() { Semantics = StoreSemantics.Sql, Version = "2.17.0" },
        ["fake 2.17 on a folder"] = new() { Semantics = StoreSemantics.FileStore, Version = "2.17.0" },
    };

    private static readonly ConcurrentDictionary<string, Lazy<Task<FakeServer>>> Started = new();

    public static string[] Names { get; } =
    [
        .. Fakes.Keys,
        .. (Environment.GetEnvironmentVariable("MODELTRACK_TEST_TRACKING_URI") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries),
    ];

    /// <summary>Where the server of that name is.</summary>
    public static string UriOf(string name)
        => Fakes.TryGetValue(name, out var options)
            ? Started.GetOrAdd(name, _ => new Lazy<Task<FakeServer>>(() => FakeServer.StartAsync(options))).Value.GetAwaiter().GetResult().Url.AbsoluteUri
            : name;

    internal static RestBackend Open(string name) => RestBackend.Open(
        TrackingUri.Parse(UriOf(name)), new TrackerOptions(), TrackingEnvironment.Process, NullLogger.Instance);

    internal static RestSender Connect(string name, TimeProvider? clock = null) => new(ServerConnection.Open(
        TrackingUri.Parse(UriOf(name)), new TrackerOptions { TimeProvider = clock ?? TimeProvider.System }, TrackingEnvironment.Process));

    [OneTimeTearDown]
    public async Task StopFakes()
    {
        foreach (var server in Started.Values)
        {
            await (await server.Value).DisposeAsync();
        }
    }
}
