using ModelTrack.Client.Backends.Files;

namespace ModelTrack.Client.Tests.Backends.Files;

/// <summary>A registry in a folder store of its own, gone after the test.</summary>
internal sealed class TempRegistry : IDisposable
{
    public TempRegistry(TempStore? store = null)
    {
        Store = store ?? new TempStore();
        LoggedModels = new FileLoggedModels(new FileLayout(Store.Root), TimeProvider.System, Store.Log);
        Registry = Open();
    }

    public TempStore Store { get; }

    public FileModelRegistry Registry { get; }

    public FileLoggedModels LoggedModels { get; }

    public string Models => Path.Combine(Store.Root, "models");

    /// <summary>A second one on the same folder, as another process would have it.</summary>
    public FileModelRegistry Open() => new(Store.Root, LoggedModels, TimeProvider.System, Store.Log);

    /// <summary>As a program has it: the registry over the store's own runs.</summary>
    public RegistryClient NewClient()
        => new(
            Registry, new ModelSourceResolver(Store.Backend, LoggedModels, Registry, Store.Log), TimeProvider.System, [Registry]);

    public void Dispose() => Store.Dispose();
}
