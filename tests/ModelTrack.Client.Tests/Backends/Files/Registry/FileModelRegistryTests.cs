using ModelTrack.Client.Backends;
using ModelTrack.Client.Backends.Files;

namespace ModelTrack.Client.Tests.Backends.Files;

/// <summary>What a folder's registry does that another need not: files, several processes, damage.</summary>
internal sealed class FileModelRegistryTests
{
    private static readonly Dictionary<string, string> NoTags = [];

    private TempRegistry _registry = null!;

    [SetUp]
    public void MakeStore() => _registry = new TempRegistry();

    [TearDown]
    public void RemoveStore() => _registry.Dispose();

    [Test]
    public async Task Files_are_as_MLflow_writes_them()
    {
        var tags = new Dictionary<string, string> { ["a/b"] = "c" };
        await _registry.Registry.CreateModelAsync("cancer", "it's", tags, default);
        await CreateVersionAsync("cancer", "r");
        await _registry.Registry.SetAliasAsync("cancer", "champion", 1, default);
        await _registry.Registry.SetVersionTagAsync("cancer", 1, "checked", "yes", default);

        var folder = Path.Combine(_registry.Models, "cancer");
        Assert.That(
            Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder, file).Replace('\\', '/')),
            Is.EquivalentTo(["meta.yaml", "tags/a/b", "aliases/champion", "version-1/meta.yaml", "version-1/tags/checked"]));
        Assert.That(await ReadAsync("aliases/champion"), Is.EqualTo("1"));
        Assert.That(await ReadAsync("tags/a/b"), Is.EqualTo("c"));
        Assert.That(await ReadAsync("meta.yaml"), Does.Match(
            """
            ^aliases: \{champion: '1'\}
            creation_timestamp: \d{13}
            deployment_job_id: null
            deployment_job_state: null
            description: 'it''s'
            last_updated_timestamp: \d{13}
            name: 'cancer'
            workspace: 'default'
            $
            """.ReplaceLineEndings("\n")));
        Assert.That(await ReadAsync("version-1/meta.yaml"), Does.Match(
            """
            ^creation_timestamp: \d{13}
            current_stage: 'None'
            deployment_job_state: null
            description: null
            last_updated_timestamp: \d{13}
            model_id: null
            name: 'cancer'
            run_id: 'r'
            run_link: null
            source: 's3://bucket/model'
            status: 'READY'
            status_message: null
            storage_location: 's3://bucket/model'
            user_id: null
            version: 1
            workspace: 'default'
            $
            """.ReplaceLineEndings("\n")));

        Task<string> ReadAsync(string path) => File.ReadAllTextAsync(Path.Combine(folder, path));
    }

    [Test]
    public async Task Nothing_is_left_beside_the_models_that_MLflow_would_stumble_over()
    {
        await _registry.Registry.CreateModelAsync("a", null, NoTags, default);
        await CreateVersionAsync("a");
        await _registry.Registry.RenameModelAsync("a", "b", default);
        await _registry.Registry.CreateModelAsync("c", null, NoTags, default);
        await _registry.Registry.DeleteModelAsync("c", default);
        Assert.That(Directory.GetFileSystemEntries(_registry.Models).Select(Path.GetFileName), Is.EqualTo(["b"]));
        Assert.That(Directory.GetFileSystemEntries(Path.Combine(_registry.Store.Root, ".trash")), Is.Empty);
        Assert.That(
            Directory.GetFileSystemEntries(Path.Combine(_registry.Models, "b")).Select(Path.GetFileName),
            Is.EquivalentTo(["meta.yaml", "version-1"]));
    }

    [Test]
    public async Task Reading_a_store_makes_nothing_in_it()
    {
        await _registry.Registry.SearchModelsAsync(new RegistryQuery(), null, default);
        await _registry.Registry.SearchVersionsAsync(new RegistryQuery(), null, default);
        AssertMissing(async () => await _registry.Registry.GetModelAsync("cancer", default));
        AssertMissing(async () => await _registry.Registry.SetModelTagAsync("cancer", "a", "b", default));
        Assert.That(Directory.Exists(_registry.Models), Is.False);
    }

    [Test]
    public async Task A_renamed_model_keeps_its_aliases_too()
    {
        await _registry.Registry.CreateModelAsync("a", null, NoTags, default);
        await CreateVersionAsync("a");
        await CreateVersionAsync("a");
        await _registry.Registry.SetAliasAsync("a", "champion", 1, default);
        await _registry.Registry.DeleteVersionAsync("a", 2, default);
        var renamed = await _registry.Registry.RenameModelAsync("a", "b", default);
        Assert.That(renamed.Aliases["champion"], Is.EqualTo(1));
        Assert.That((await CreateVersionAsync("b")).Version, Is.EqualTo(3));
        Assert.That(await File.ReadAllTextAsync(Path.Combine(_registry.Models, "b", "version-2", "meta.yaml")), Does.Contain("name: 'b'"));
    }

    [Test]
    public async Task Several_processes_make_versions_and_models_at_the_same_time()
    {
        var registries = Enumerable.Range(0, 4).Select(_ => _registry.Open()).ToList();
        var made = await Task.WhenAll(registries.Select(registry => Task.Run(async () =>
        {
            try
            {
                await registry.CreateModelAsync("cancer", null, NoTags, default);
            }
            catch (ModelTrackException e) when (e.ErrorCode == ErrorCode.ResourceAlreadyExists)
            {
                // Another one was faster.
            }

            var numbers = new List<int>();
            for (var i = 0; i < 10; i++)
            {
                var version = await registry.CreateVersionAsync(new VersionCreation { Name = "cancer", Source = $"s3://{i}" }, default);
                await registry.SetAliasAsync("cancer", "champion", version.Version, default);
                await registry.SetModelTagAsync("cancer", $"tag-{version.Version}", "x", default);
                numbers.Add(version.Version);
            }

            return numbers;
        })));
        Assert.That(made.SelectMany(numbers => numbers), Is.EquivalentTo(Enumerable.Range(1, 40)));
        var model = await _registry.Registry.GetModelAsync("cancer", default);
        Assert.That(model.Tags, Has.Count.EqualTo(40));
        Assert.That(model.Aliases, Has.Count.EqualTo(1));
        Assert.That(_registry.Store.Log.Warnings, Is.Empty);
    }

    [Test]
    public async Task A_version_that_Python_makes_at_the_same_moment_keeps_its_number()
    {
        await _registry.Registry.CreateModelAsync("cancer", null, NoTags, default);
        // MLflow makes the folder first and writes into it then.
        Directory.CreateDirectory(Path.Combine(_registry.Models, "cancer", "version-1"));
        Assert.That((await CreateVersionAsync("cancer")).Version, Is.EqualTo(2));
        Assert.That((await _registry.Registry.GetModelAsync("cancer", default)).LatestVersions.Select(v => v.Version), Is.EqualTo([2]));
        AssertMissing(async () => await _registry.Registry.GetVersionAsync("cancer", 1, default));
    }

    [Test]
    public async Task Strange_files_are_passed_over_in_lists()
    {
        await _registry.Registry.CreateModelAsync("good", null, NoTags, default);
        await CreateVersionAsync("good");
        await CreateVersionAsync("good");
        await _registry.Registry.SetAliasAsync("good", "champion", 1, default);
        Directory.CreateDirectory(Path.Combine(_registry.Models, "empty"));
        Directory.CreateDirectory(Path.Combine(_registry.Models, "damaged"));
        TempStore.WriteOld(Path.Combine(_registry.Models, "damaged", "meta.yaml"), "[]");
        TempStore.WriteOld(Path.Combine(_registry.Models, "a-file"), "x");
        TempStore.WriteOld(Path.Combine(_registry.Models, "good", "aliases", ".DS_Store"), "x");
        TempStore.WriteOld(Path.Combine(_registry.Models, "good", "version-2", "meta.yaml"), "version: 7\n");
        Directory.CreateDirectory(Path.Combine(_registry.Models, "good", "version-x"));
        Directory.CreateDirectory(Path.Combine(_registry.Models, "good", ".modeltrack-tmp-1"));

        var models = await _registry.Registry.SearchModelsAsync(new RegistryQuery(), null, default);
        Assert.That(models.Items.Select(model => model.Name), Is.EqualTo(["good"]));
        Assert.That(models.Items[0].Aliases.Keys, Is.EqualTo(["champion"]));
        var versions = await _registry.Registry.SearchVersionsAsync(new RegistryQuery(), null, default);
        Assert.That(versions.Items.Select(version => version.Version), Is.EqualTo([1]));
        var warnings = string.Join('\n', _registry.Store.Log.Warnings);
        Assert.That(warnings, Does.Contain("damaged").And.Contain(".DS_Store").And.Contain("version-2"));
        AssertRefused(async () => await _registry.Registry.GetModelAsync("damaged", default), ErrorCode.InvalidState);
        AssertRefused(async () => await _registry.Registry.GetVersionAsync("good", 2, default), ErrorCode.InvalidState);
        AssertRefused(async () => await _registry.Registry.CreateModelAsync("empty", null, NoTags, default), ErrorCode.ResourceAlreadyExists);
    }

    [TestCase("a%b", false)]
    [TestCase("a\\b", false)]
    [TestCase("../a", false)]
    [TestCase("..", false)]
    [TestCase(".", false)]
    [TestCase("a\0b", false)]
    [TestCase(".modeltrack.lock", false)]
    [TestCase("CON", true)]
    [TestCase("a?", true)]
    [TestCase("a.", true)]
    public void Names_that_no_folder_can_have_are_refused(string name, bool onlyOnWindows)
    {
        Assert.Throws<ArgumentException>(() => RegistryLayout.CheckName(name, onWindows: true));
        if (onlyOnWindows)
        {
            Assert.DoesNotThrow(() => RegistryLayout.CheckName(name, onWindows: false));
        }
        else
        {
            Assert.Throws<ArgumentException>(() => RegistryLayout.CheckName(name, onWindows: false));
            Assert.ThrowsAsync<ArgumentException>(async () => await _registry.Registry.GetModelAsync(name, default));
            Assert.ThrowsAsync<ArgumentException>(async () => await _registry.Registry.DeleteModelAsync(name, default));
        }
    }

    [Test]
    public void Names_that_are_too_long_for_a_file_are_refused()
    {
        Assert.Throws<ArgumentException>(() => RegistryLayout.CheckName(new string('é', 128), onWindows: false));
        Assert.Throws<ArgumentException>(() => RegistryLayout.CheckAlias(new string('é', 128)));
        Assert.DoesNotThrow(() => RegistryLayout.CheckName(new string('é', 127), onWindows: false));
    }

    [Test]
    public void A_folder_of_other_things_is_no_registry()
    {
        var folder = Path.Combine(_registry.Store.Root, "0");
        AssertRefused(
            () =>
            {
                using var registry = new FileModelRegistry(folder, new NoLoggedModels(), TimeProvider.System, _registry.Store.Log);
                return Task.CompletedTask;
            },
            ErrorCode.InvalidParameterValue);
    }

    private async Task<ModelVersion> CreateVersionAsync(string name, string? runId = null)
        => await _registry.Registry.CreateVersionAsync(
            new VersionCreation { Name = name, Source = "s3://bucket/model", RunId = runId }, default);

    private static void AssertMissing(Func<Task> call) => AssertRefused(call, ErrorCode.ResourceDoesNotExist);

    private static void AssertRefused(Func<Task> call, string errorCode)
        => Assert.That(Assert.ThrowsAsync<ModelTrackException>(() => call())!.ErrorCode, Is.EqualTo(errorCode));
}
