using Microsoft.ML;
using Microsoft.ML.Data;

namespace ModelTrack.Client.MLNet.Tests.Datasets;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class RunDatasetTests : IDisposable
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly TrackedRun _run = new();

    public void Dispose() => _run.Dispose();

    [Test]
    public async Task A_data_set_has_schema_profile_digest_and_context()
    {
        _run.Run.LogDataset(TestData.Cancer(_ml), "https://archive.invalid/cancer.csv", "cancer", "training")
            .LogDataset(TestData.Wine(_ml), "wine.csv", "wine");
        var inputs = (await _run.StoredAsync()).DatasetInputs;
        var cancer = inputs.Single(input => input.Name == "cancer");
        Assert.Multiple(() =>
        {
            Assert.That(cancer.Digest, Does.Match("^[0-9a-f]{8}$"));
            Assert.That((cancer.SourceType, cancer.Source), Is.EqualTo(("http", """{"url": "https://archive.invalid/cancer.csv"}""")));
            Assert.That(cancer.Profile, Is.EqualTo($$"""{"num_rows":569,"num_elements":{{569 * 31}}}"""));
            Assert.That(
                cancer.Schema,
                Is.EqualTo(
                    """{"mlflow_colspec":[{"type":"array","items":{"type":"float"},"name":"Features","required":true},"""
                    + """{"type":"boolean","name":"Label","required":true}]}"""));
            Assert.That(cancer.Context, Is.EqualTo("training"));
            Assert.That(inputs.Single(input => input.Name == "wine").Context, Is.Null);
        });
    }

    [Test]
    public void The_digest_is_the_same_wherever_the_data_come_from_and_does_not_change_from_version_to_version()
    {
        var rows = _ml.Data.LoadFromEnumerable(new[] { new Row { Number = 1, Text = "a" }, new Row { Number = 2, Text = "ü" } });
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, "1,a\n2,ü\n");
            var loaded = _ml.Data.LoadFromTextFile(file, [new("Number", DataKind.Int32, 0), new("Text", DataKind.String, 1)], ',');
            Assert.That(loaded.GetRowCount(), Is.Null);
            Assert.That(DatasetDigest.Of(loaded), Is.EqualTo(DatasetDigest.Of(rows)).And.EqualTo(("216f4da5", 2L)));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Test]
    public void A_change_of_a_value_a_row_a_name_or_an_order_changes_the_digest()
    {
        Row[] rows = [new() { Number = 1, Text = "a" }, new() { Number = 2, Text = "b" }];
        var data = _ml.Data.LoadFromEnumerable(rows);
        string[] digests =
        [
            DatasetDigest.Of(data).Digest,
            DatasetDigest.Of(_ml.Data.LoadFromEnumerable(rows.Reverse())).Digest,
            DatasetDigest.Of(_ml.Data.LoadFromEnumerable(rows.Take(1))).Digest,
            DatasetDigest.Of(_ml.Data.LoadFromEnumerable(rows.Append(rows[0]))).Digest,
            DatasetDigest.Of(_ml.Data.LoadFromEnumerable(new[] { rows[0], new Row { Number = 2, Text = "c" } })).Digest,
            DatasetDigest.Of(_ml.Transforms.CopyColumns("Other", "Number").Fit(data).Transform(data)).Digest,
            DatasetDigest.Of(_ml.Transforms.Conversion.ConvertType("Number", outputKind: DataKind.Int64).Fit(data).Transform(data)).Digest,
        ];
        Assert.That(digests, Is.Unique);
    }

    [Test]
    public void Only_the_first_rows_are_read_and_all_are_counted()
    {
        var read = 0;
        IEnumerable<Row> Rows(int last)
        {
            for (var i = 1; i <= DatasetDigest.MaxRows + 50; i++)
            {
                read++;
                yield return new Row { Number = i > DatasetDigest.MaxRows ? last : i };
            }
        }

        var digest = DatasetDigest.Of(_ml.Data.LoadFromEnumerable(Rows(0)));
        Assert.That(digest.Rows, Is.EqualTo(DatasetDigest.MaxRows + 50));
        Assert.That(read, Is.LessThan((DatasetDigest.MaxRows * 2) + 200));
        Assert.That(DatasetDigest.Of(_ml.Data.LoadFromEnumerable(Rows(7))), Is.EqualTo(digest));
    }

    [Test]
    public void A_sparse_vector_is_the_same_as_a_dense_one()
    {
        var dense = _ml.Data.LoadFromEnumerable(new[] { new Vector { Values = new VBuffer<float>(3, [0, 2, 0]) } });
        var sparse = _ml.Data.LoadFromEnumerable(new[] { new Vector { Values = new VBuffer<float>(3, 1, [2], [1]) } });
        var other = _ml.Data.LoadFromEnumerable(new[] { new Vector { Values = new VBuffer<float>(3, 1, [2], [2]) } });
        Assert.That(DatasetDigest.Of(sparse), Is.EqualTo(DatasetDigest.Of(dense)).And.Not.EqualTo(DatasetDigest.Of(other)));
    }

    [Test]
    public async Task Every_type_of_value_is_read_and_what_MLflow_has_no_type_for_is_left_out()
    {
        Every[] rows = [new(), new() { Float = 1 }];
        _run.Run.LogDataset(_ml.Data.LoadFromEnumerable(rows), "a", "one").LogDataset(_ml.Data.LoadFromEnumerable(rows.Take(1)), "a", "two");
        var inputs = (await _run.StoredAsync()).DatasetInputs;
        Assert.That(inputs.Select(input => input.Digest), Is.Unique);
        Assert.That(inputs[0].Profile, Is.EqualTo("""{"num_rows":2}"""), "The length of a text's parts varies.");
        Assert.That(inputs[0].Schema, Does.Contain(
            """{"type":"array","items":{"type":"array","items":{"type":"double"}},"name":"Matrix","required":true}""").And.Not.Contain("Span"));
    }

    [Test]
    public void What_breaks_the_rules_is_refused()
    {
        var data = TestData.Wine(_ml);
        Assert.Multiple(() =>
        {
            Assert.That(() => _run.Run.LogDataset(data, "", "n"), Throws.ArgumentException);
            Assert.That(() => _run.Run.LogDataset(data, "s", ""), Throws.ArgumentException.With.Message.Contains("name"));
            Assert.That(() => _run.Run.LogDataset(data, "s", "n", new string('c', 501)), Throws.ArgumentException.With.Message.Contains("500"));
            Assert.That(() => _run.Run.LogDataset(null!, "s", "n"), Throws.ArgumentNullException);
        });
    }

    private sealed class Row
    {
        public int Number { get; set; }

        public string Text { get; set; } = "";
    }

    private sealed class Vector
    {
        [VectorType(3)]
        public VBuffer<float> Values { get; set; }
    }

    private sealed class Every
    {
        public bool Bool { get; set; }

        public sbyte SByte { get; set; }

        public byte Byte { get; set; }

        public short Short { get; set; }

        public ushort UShort { get; set; }

        public int Int { get; set; }

        public uint UInt { get; set; }

        public long Long { get; set; }

        public ulong ULong { get; set; }

        public float Float { get; set; }

        public double Double { get; set; }

        public string Text { get; set; } = "x";

        public DateTime Date { get; set; } = new(2020, 1, 1);

        public DateTimeOffset Instant { get; set; } = new(2020, 1, 1, 0, 0, 0, TimeSpan.FromHours(1));

        public TimeSpan Span { get; set; }

        [KeyType(4)]
        public uint Key { get; set; } = 1;

        [VectorType(2, 3)]
        public double[] Matrix { get; set; } = [1, 2, 3, 4, 5, 6];

        public string[] Words { get; set; } = ["a", "b"];
    }
}
