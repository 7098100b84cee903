using System.Text;
using System.Text.Json;

namespace ModelTrack.Client.Tests.Artifacts;

internal sealed class TableJsonTests
{
    [Test]
    public void A_table_has_pandas_split_form()
        => Assert.That(Write(["a", "b"], [1, "x"], [2L, null]), Is.EqualTo("""{"columns":["a","b"],"data":[[1,"x"],[2,null]]}"""));

    [Test]
    public void A_table_may_be_empty() => Assert.That(Write([]), Is.EqualTo("""{"columns":[],"data":[]}"""));

    private static readonly object?[][] Cells =
    [
        [double.NaN, "null"], [float.PositiveInfinity, "null"], [Half.NaN, "null"], [0.1, "0.1"], [0.1f, "0.1"], [1.50m, "1.50"],
        [true, "true"], [ulong.MaxValue, "18446744073709551615"], [DayOfWeek.Monday, "\"Monday\""],
        [new DateTime(2024, 1, 2, 3, 4, 5, DateTimeKind.Utc), "\"2024-01-02T03:04:05Z\""],
        [new[] { 1, 2 }, "[1,2]"], [new Dictionary<string, object?> { ["type"] = "image" }, """{"type":"image"}"""],
        [JsonDocument.Parse("{\"a\":[1]}").RootElement, "{\"a\":[1]}"], [new byte[] { 1, 2 }, "\"AQI=\""],
    ];

    [TestCaseSource(nameof(Cells))]
    public void A_cell_has_the_json_of_its_type(object? cell, string json)
        => Assert.That(Write(["c"], [cell]), Is.EqualTo($$"""{"columns":["c"],"data":[[{{json}}]]}"""));

    [Test]
    public void What_is_not_ASCII_is_escaped()
    {
        var json = Write(["é"], ["日😀"]);

        Assert.That(Encoding.UTF8.GetByteCount(json), Is.EqualTo(json.Length));
        Assert.That(JsonDocument.Parse(json).RootElement.GetProperty("data")[0][0].GetString(), Is.EqualTo("日😀"));
    }

    [Test]
    public void Every_row_has_as_many_cells_as_there_are_columns()
    {
        Assert.That(() => Write(["a", "b"], [1, 2], [1]), Throws.ArgumentException.With.Message.Contains("Row 1 has 1 cells"));
        Assert.That(() => Write(["a"], [1, 2]), Throws.ArgumentException);
    }

    [Test]
    public void Two_columns_of_one_name_are_refused()
        => Assert.That(() => Write(["a", "a"]), Throws.ArgumentException.With.Message.Contains("two columns"));

    [Test]
    public void A_cell_that_contains_itself_is_refused()
    {
        var list = new List<object>();
        list.Add(list);

        Assert.That(() => Write(["a"], [list]), Throws.ArgumentException);
    }

    [TestCase("t.json")]
    [TestCase("tab/my table.JSON")]
    public void A_table_is_a_json_file(string path) => Assert.That(TableJson.CheckPath(path), Is.EqualTo(path));

    [TestCase("t.csv")]
    [TestCase("t.parquet")]
    [TestCase("t")]
    [TestCase("a,b.json")]
    [TestCase("a'b.json")]
    [TestCase("a[1].json")]
    [TestCase("a{1}.json")]
    [TestCase("10:30.json")]
    [TestCase("a\"b.json")]
    [TestCase("../t.json")]
    public void Another_file_name_is_refused(string path) => Assert.That(() => TableJson.CheckPath(path), Throws.ArgumentException);

    private static string Write(string[] columns, params object?[][] rows) => Encoding.UTF8.GetString(TableJson.Write(columns, rows));
}
