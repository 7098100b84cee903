using Microsoft.Extensions.Logging.Abstractions;
using ModelTrack.Client.Backends;
using ModelTrack.Client.Backends.Memory;
using ModelTrack.Client.Backends.Rest;

namespace ModelTrack.Client.Tests.Registry;

/// <summary>
/// What the tests of all registries need. A registry may hold other things already, as a server's does: each test works with names of its
/// own.
/// </summary>
internal abstract class RegistryFixture
{
    protected const string Missing = "modeltrack-no-such-model";

    protected RegistryClient Registry { get; private set; } = null!;

    /// <summary>Where the runs are that models come from.</summary>
    private protected ITrackingBackend Tracking { get; private set; } = null!;

    private IModelRegistry Store { get; set; } = null!;

    private protected virtual ITrackingBackend OpenTracking() => new MemoryBackend(TimeProvider.System);

    private protected abstract IModelRegistry Open();

    [SetUp]
    public void OpenRegistry()
    {
        Tracking = OpenTracking();
        Store = Open();
        ILoggedModels loggedModels = Tracking is RestBackend server
            ? new RestLoggedModels(new LoggedModelsApi(server.Sender))
            : new NoLoggedModels();
        var resolver = new ModelSourceResolver(Tracking, loggedModels, Store, NullLogger.Instance);
        Registry = new RegistryClient(Store, resolver, TimeProvider.System, []);
    }

    [TearDown]
    public void CloseRegistry()
    {
        Store.Dispose();
        Tracking.Dispose();
    }

    protected static string Unique(string name = "model") => name + "-" + Guid.NewGuid().ToString("N");

    protected async Task<string> CreateModelAsync() => (await Registry.CreateModelAsync(Unique())).Name;

    protected async Task<ModelVersion> CreateVersionAsync(string name, string source = "s3://bucket/model", string? runId = null)
        => await Registry.CreateVersionAsync(name, source, runId);

    protected async Task<RunSnapshot> CreateRunAsync()
        => await Tracking.CreateRunAsync(
            new RunCreation
            {
                ExperimentId = (await Tracking.CreateExperimentAsync(Unique("experiment"), null, null, default)).Id,
                StartTime = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_000),
            },
            default);

    protected static async Task<List<T>> AllAsync<T>(IAsyncEnumerable<T> items)
    {
        var all = new List<T>();
        await foreach (var item in items)
        {
            all.Add(item);
        }

        return all;
    }

    protected static void AssertMissing(Func<Task> call) => AssertRefused(call, ErrorCode.ResourceDoesNotExist);

    protected static void AssertRefused(Func<Task> call, string errorCode)
        => Assert.That(Assert.ThrowsAsync<ModelTrackException>(() => call())!.ErrorCode, Is.EqualTo(errorCode));
}
