using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;
using Microsoft.ML;
using Microsoft.ML.Data;
using ModelTrack.Client.Fakes;
using static ModelTrack.Client.MLNet.Tests.Serving.ModelShelf;

namespace ModelTrack.Client.MLNet.Tests.Serving;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ModelTrackModelTests
{
    private static readonly CancellationToken Patience = new CancellationTokenSource(TimeSpan.FromMinutes(2)).Token;

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 25, 0, 0, 0, TimeSpan.Zero));
    private readonly Channel<ServedModel> _loaded = Channel.CreateUnbounded<ServedModel>();

    private ModelTrackModelOptions Options => new() { TimeProvider = _clock, Loaded = model => _loaded.Writer.TryWrite(model) };

    private async Task<int?> NextVersionAsync() => (await _loaded.Reader.ReadAsync(Patience)).Version;

    [Test]
    public async Task The_version_of_the_alias_predicts_and_is_told()
    {
        using var shelf = new ModelShelf();
        await shelf.AddAsync(2);
        await shelf.PointAsync(await shelf.AddAsync(3));
        await using var model = new ModelTrackModel<Row, Scaled>(shelf.Tracker, ChampionUri, Options);
        var current = await model.WaitUntilLoadedAsync(Patience);
        var (value, by) = model.Predict(new Row { X = 5 });
        Assert.Multiple(() =>
        {
            Assert.That(value.Y, Is.EqualTo(15));
            Assert.That(by, Is.SameAs(current));
            Assert.That(model.Current, Is.SameAs(current));
            Assert.That(model.LastError, Is.Null);
            Assert.That((current.Name, current.Version, current.Uri), Is.EqualTo((Name, 2, "models:/scale/2")));
            Assert.That(current.LoadedAt, Is.EqualTo(_clock.GetUtcNow()));
            Assert.That(current.RunId, Is.Not.Null);
            Assert.That(current.Signature!.Inputs!.Columns[0].Name, Is.EqualTo("X"));
        });
    }

    [Test]
    public async Task An_alias_that_moves_is_noticed_at_the_next_poll_and_not_before()
    {
        using var shelf = new ModelShelf();
        var (first, second) = (await shelf.AddAsync(2), await shelf.AddAsync(3));
        await shelf.PointAsync(first);
        await using var model = new ModelTrackModel<Row, Scaled>(shelf.Tracker, ChampionUri, Options);
        Assert.That(await NextVersionAsync(), Is.EqualTo(first));
        await shelf.PointAsync(second);
        _clock.Advance(TimeSpan.FromSeconds(29.9));
        Assert.That(model.Predict(new Row { X = 1 }).Value.Y, Is.EqualTo(2));
        _clock.Advance(TimeSpan.FromSeconds(0.1));
        Assert.That(await NextVersionAsync(), Is.EqualTo(second));
        Assert.That(model.Predict(new Row { X = 1 }).Value.Y, Is.EqualTo(3));
        Assert.That(_loaded.Reader.TryRead(out _), Is.False);
    }

    [Test]
    public async Task Each_of_many_predictions_is_one_of_the_two_models_and_says_which_while_the_alias_moves()
    {
        using var shelf = new ModelShelf();
        int[] versions = [await shelf.AddAsync(1), await shelf.AddAsync(2)];
        await shelf.PointAsync(versions[0]);
        await using var model = new ModelTrackModel<Row, Scaled>(shelf.Tracker, ChampionUri, Options);
        await model.WaitUntilLoadedAsync(Patience);

        var isOver = false;
        var wrong = new ConcurrentBag<string>();
        var answered = new ConcurrentDictionary<int, long>();
        var threads = Enumerable.Range(0, 8).Select(number => new Thread(() =>
        {
            for (var x = number; !Volatile.Read(ref isOver); x++)
            {
                try
                {
                    var (value, by) = model.Predict(new Row { X = x % 1000 });
                    answered.AddOrUpdate(by.Version!.Value, 1, (_, count) => count + 1);
                    if (value.Y != x % 1000 * by.Version.Value) // version n multiplies by n
                    {
                        wrong.Add($"{x % 1000} by version {by.Version}: {value.Y}");
                    }
                }
                catch (Exception e)
                {
                    wrong.Add(e.ToString());
                }
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        for (var move = 1; move <= 20; move++)
        {
            await shelf.PointAsync(versions[move % 2]);
            Assert.That(await model.RefreshAsync(Patience), Is.True);
            var before = answered.GetValueOrDefault(versions[move % 2]);
            Assert.That(() => answered.GetValueOrDefault(versions[move % 2]), Is.GreaterThan(before).After(60_000, 1));
        }

        Volatile.Write(ref isOver, true);
        threads.ForEach(thread => thread.Join());
        Assert.That(wrong, Is.Empty);
        Assert.That(answered.Keys, Is.EquivalentTo(versions));
    }

    [Test]
    public async Task A_broken_new_version_leaves_the_old_one_answering()
    {
        using var shelf = new ModelShelf();
        var (good, broken) = (await shelf.AddAsync(2), await shelf.AddBrokenAsync());
        await shelf.PointAsync(good);
        await using var model = new ModelTrackModel<Row, Scaled>(shelf.Tracker, ChampionUri, Options);
        await model.WaitUntilLoadedAsync(Patience);
        await shelf.PointAsync(broken);
        Assert.That(
            () => model.RefreshAsync(Patience),
            Throws.InstanceOf<InvalidDataException>().With.Message.Contains("models:/scale/2").And.Message.Contains("model.zip"));
        Assert.That(model.LastError, Is.InstanceOf<InvalidDataException>());
        Assert.That(model.Predict(new Row { X = 4 }).Value.Y, Is.EqualTo(8));
        Assert.That(model.Current!.Version, Is.EqualTo(good));

        await shelf.PointAsync(await shelf.AddAsync(5));
        Assert.That(await model.RefreshAsync(Patience), Is.True);
        Assert.That(model.LastError, Is.Null);
        Assert.That(model.Predict(new Row { X = 4 }).Value.Y, Is.EqualTo(20));
    }

    [Test]
    public async Task An_alias_that_is_taken_away_leaves_the_old_version_answering_and_is_one_warning()
    {
        using var shelf = new ModelShelf();
        await shelf.PointAsync(await shelf.AddAsync(2));
        var log = new ListLoggerFactory();
        var options = Options;
        options.LoggerFactory = log;
        await using var model = new ModelTrackModel<Row, Scaled>(shelf.Tracker, ChampionUri, options);
        await model.WaitUntilLoadedAsync(Patience);
        await shelf.Tracker.Registry.DeleteAliasAsync(Name, "champion");
        for (var poll = 1; poll <= 2; poll++)
        {
            _clock.Advance(TimeSpan.FromSeconds(30));
            Assert.That(() => log.Count("could not be renewed"), Is.EqualTo(poll).After(60_000, 5));
        }

        Assert.That(log.Lines.Count(line => line.StartsWith("Warning", StringComparison.Ordinal)), Is.EqualTo(1));
        Assert.That(model.Predict(new Row { X = 4 }).Value.Y, Is.EqualTo(8));
    }

    [Test]
    public async Task Before_it_is_loaded_it_says_what_is_in_the_way_and_it_loads_when_that_is_gone()
    {
        using var shelf = new ModelShelf();
        var version = await shelf.AddAsync(2);
        await using var model = new ModelTrackModel<Row, Scaled>(shelf.Tracker, ChampionUri, Options);
        Assert.That(() => model.RefreshAsync(Patience), Throws.InstanceOf<ModelTrackException>());
        Assert.That(
            () => model.Predict(new Row()),
            Throws.InvalidOperationException.With.Message.Contains("models:/scale@champion is not loaded").And.Message.Contains("alias"));
        Assert.That(model.Current, Is.Null);
        var loading = model.WaitUntilLoadedAsync(Patience);
        Assert.That(loading.IsCompleted, Is.False);
        await shelf.PointAsync(version);
        _clock.Advance(TimeSpan.FromSeconds(30));
        Assert.That((await loading).Version, Is.EqualTo(version));
    }

    [Test]
    public async Task What_is_under_way_ends_on_the_version_it_began_with()
    {
        using var shelf = new ModelShelf();
        await shelf.PointAsync(await shelf.AddAsync(2));
        await using var model = new ModelTrackModel(shelf.Tracker, ChampionUri, Options);
        await model.WaitUntilLoadedAsync(Patience);
        var ml = new MLContext();
        using (var lease = model.Rent())
        {
            await shelf.PointAsync(await shelf.AddAsync(3));
            await model.RefreshAsync(Patience);
            var rows = lease.Transformer.Transform(ml.Data.LoadFromEnumerable([new Row { X = 7 }]));
            Assert.That(rows.GetColumn<float>("Y"), Is.EqualTo(new[] { 14f }));
            Assert.That(lease.Model.Version, Is.EqualTo(1));
            Assert.That(lease.InputSchema.Select(column => column.Name), Is.EqualTo(new[] { "X" }));
        }

        using var next = model.Rent();
        Assert.That(next.Model.Version, Is.EqualTo(2));
    }

    [Test]
    public async Task A_registry_that_is_away_at_the_start_is_replaced_by_the_cache_until_it_is_back()
    {
        await using var server = await FakeServer.StartAsync();
        using var shelf = new ModelShelf(server.Url.AbsoluteUri);
        await shelf.PointAsync(await shelf.AddAsync(2));
        await using (var first = new ModelTrackModel<Row, Scaled>(shelf.Tracker, ChampionUri, Options))
        {
            await first.WaitUntilLoadedAsync(Patience);
        }

        var next = await shelf.AddAsync(3);
        await shelf.PointAsync(next);
        server.Interceptor = context =>
        {
            context.Abort();
            return Task.FromResult(true);
        };
        using var tracker = shelf.Open();
        await using var model = new ModelTrackModel<Row, Scaled>(tracker, ChampionUri, Options);
        Assert.That((await model.WaitUntilLoadedAsync(Patience)).Version, Is.EqualTo(1));
        Assert.That(model.Predict(new Row { X = 1 }).Value.Y, Is.EqualTo(2));

        server.Interceptor = null;
        await model.RefreshAsync(Patience);
        Assert.That(model.Current!.Version, Is.EqualTo(next));
    }

    [Test]
    public async Task The_cache_is_confirmed_without_loading_it_again()
    {
        await using var server = await FakeServer.StartAsync();
        using var shelf = new ModelShelf(server.Url.AbsoluteUri);
        await shelf.PointAsync(await shelf.AddAsync(2));
        await shelf.Tracker.Models.DownloadAsync(ChampionUri, cancellationToken: Patience);
        server.Interceptor = context =>
        {
            context.Abort();
            return Task.FromResult(true);
        };
        using var tracker = shelf.Open();
        await using var model = new ModelTrackModel<Row, Scaled>(tracker, ChampionUri, Options);
        await model.WaitUntilLoadedAsync(Patience);
        server.Interceptor = null;
        Assert.That(await model.RefreshAsync(Patience), Is.False);
    }

    [Test]
    public async Task A_type_that_does_not_fit_is_refused_by_its_column_and_the_type_that_is_expected()
    {
        using var shelf = new ModelShelf();
        await shelf.PointAsync(await shelf.AddAsync(2));
        await Refused<Wrong>("column 'X' is expected as float, and Wrong has it as double");
        await Refused<Vector>("needs the column 'X' (float, in ML.NET Single)");

        var ml = new MLContext();
        var rows = ml.Data.LoadFromEnumerable<Vector>([]);
        var trainer = ml.Transforms.NormalizeMinMax("Features").Append(ml.Clustering.Trainers.KMeans("Features", numberOfClusters: 1));
        var model = trainer.Fit(ml.Data.LoadFromEnumerable([new Vector { Features = [1, 2, 3] }, new Vector { Features = [2, 3, 4] }]));
        await shelf.PointAsync(await shelf.AddAsync(
            model, rows.Schema, new ModelSignature(new ModelSchema(new ColumnSpec(Client.ColumnType.Array(Client.ColumnType.Float), "Features")))));
        await Refused<Longer>("needs the column 'Features' to be array of double, in ML.NET Vector<Single, 3>");
        await shelf.PointAsync(await shelf.AddAsync(
            model, rows.Schema, new ModelSignature(new ModelSchema(new TensorSpec("float32", [-1, 3], "Features")))));
        await Refused<Longer>("column 'Features' is expected as float32 of shape (-1, 3), and Longer has it as array of float (4)");
        await Refused<Row>("needs the column 'Features' (array of double, in ML.NET Vector<Single, 3>)");

        async Task Refused<TIn>(string message)
            where TIn : class
        {
            await using var served = new ModelTrackModel<TIn, Nothing>(shelf.Tracker, ChampionUri, Options);
            var error = Assert.ThrowsAsync<ModelTrackException>(() => served.RefreshAsync(Patience));
            Assert.That(error!.ErrorCode, Is.EqualTo(ErrorCode.InvalidParameterValue));
            Assert.That(error.Message, Does.Contain(message).And.Contains("models:/scale/"));
        }
    }

    [Test]
    public async Task A_label_in_the_signature_that_no_prediction_needs_may_be_missing()
    {
        using var shelf = new ModelShelf();
        await shelf.PointAsync(await shelf.AddAsync(2, new ModelSignature(
            new ModelSchema(new ColumnSpec(Client.ColumnType.Float, "X"), new ColumnSpec(Client.ColumnType.Boolean, "Label")))));
        await using var model = new ModelTrackModel<Row, Scaled>(shelf.Tracker, ChampionUri, Options);
        await model.WaitUntilLoadedAsync(Patience);
        Assert.That(model.Predict(new Row { X = 2 }).Value.Y, Is.EqualTo(4));
    }

    [Test]
    public async Task A_version_by_its_number_is_asked_for_once()
    {
        await using var server = await FakeServer.StartAsync();
        using var shelf = new ModelShelf(server.Url.AbsoluteUri);
        await shelf.AddAsync(2);
        await using var model = new ModelTrackModel<Row, Scaled>(shelf.Tracker, "models:/scale/1", Options);
        await model.WaitUntilLoadedAsync(Patience);
        await model.Polling.WaitAsync(Patience); // has ended: nothing can move
        Assert.That(model.Predict(new Row { X = 2 }).Value.Y, Is.EqualTo(4));
    }

    [Test]
    public async Task After_Dispose_nothing_predicts_and_nobody_waits_for_ever()
    {
        using var shelf = new ModelShelf();
        var model = new ModelTrackModel<Row, Scaled>(shelf.Tracker, ChampionUri, Options);
        var waiting = model.WaitUntilLoadedAsync(Patience);
        await model.DisposeAsync();
        model.Dispose();
        Assert.That(() => waiting, Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(() => model.Predict(new Row()), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(() => model.RefreshAsync(Patience), Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public void Options_have_rules()
    {
        using var tracker = Tracker.InMemory();
        Assert.Multiple(() =>
        {
            Assert.That(() => Make(new() { PollingInterval = TimeSpan.Zero }), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => Make(new() { PollingInterval = TimeSpan.FromDays(50) }), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => Make(new() { MaximumRetainedEngines = 0 }), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => new ModelTrackModel<Row, Scaled>(tracker, " "), Throws.ArgumentException);
        });

        object Make(ModelTrackModelOptions options) => new ModelTrackModel<Row, Scaled>(tracker, ChampionUri, options);
    }

    private sealed class Wrong
    {
        public double X { get; set; }
    }

    private sealed class Longer
    {
        [VectorType(4)]
        public float[] Features { get; set; } = [];
    }

    private sealed class Nothing;
}
