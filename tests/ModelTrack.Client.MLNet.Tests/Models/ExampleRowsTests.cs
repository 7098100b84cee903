using Microsoft.ML;
using Microsoft.ML.Data;

namespace ModelTrack.Client.MLNet.Tests.Models;

internal sealed class ExampleRowsTests
{
    private readonly MLContext _ml = new(seed: 1);

    [Test]
    public void Values_of_all_types_are_as_MLflow_reads_them()
    {
        var data = _ml.Data.LoadFromEnumerable(new[]
        {
            new Row
            {
                Text = "ü",
                Flag = true,
                Bytes = [1, 2],
                Big = ulong.MaxValue,
                Missing = float.NaN,
                Time = new DateTime(2024, 5, 6, 7, 8, 9, DateTimeKind.Utc),
                Matrix = [1, 2, 3, 4, 5, 6],
                Words = ["a", "b", "c"],
            },
        });
        var example = ExampleRows.Of(data, data.Schema)!.ToServingJson();
        Assert.That(
            example.ReplaceLineEndings("").Replace(" ", "", StringComparison.Ordinal),
            Is.EqualTo(
                """{"dataframe_split":{"columns":["Text","Flag","Bytes","Big","Missing","Time","Matrix","Words"],"data":[["\u00fc",true,"""
                + """[1,2],18446744073709551615,null,"2024-05-06T07:08:09Z",[[1.0,2.0,3.0],[4.0,5.0,6.0]],["a","b","c"]]]}}"""));
    }

    [Test]
    public void Sparse_vectors_have_their_zeros_and_at_most_five_rows_are_read()
    {
        var read = 0;
        IEnumerable<Sparse> Rows()
        {
            while (true)
            {
                read++;
                yield return new Sparse { Vector = new VBuffer<float>(3, 1, [7], [1]) };
            }
        }

        var data = _ml.Data.LoadFromEnumerable(Rows());
        var example = ExampleRows.Of(data, data.Schema)!.ToServingJson().ReplaceLineEndings("").Replace(" ", "", StringComparison.Ordinal);
        Assert.That(example, Does.Contain("[[0.0,7.0,0.0]]"));
        Assert.That(read, Is.EqualTo(ExampleRows.MaxCount));
    }

    private sealed class Row
    {
        public string Text { get; set; } = "";

        public bool Flag { get; set; }

        public byte[] Bytes { get; set; } = [];

        public ulong Big { get; set; }

        public float Missing { get; set; }

        public DateTime Time { get; set; }

        [VectorType(2, 3)]
        public float[] Matrix { get; set; } = [];

        public string[] Words { get; set; } = [];
    }

    private sealed class Sparse
    {
        [VectorType(3)]
        public VBuffer<float> Vector { get; set; }
    }
}
