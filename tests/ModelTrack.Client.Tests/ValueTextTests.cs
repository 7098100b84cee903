using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ModelTrack.Client.Tests;

internal sealed class ValueTextTests
{
    private static readonly object?[][] Values =
    [
        [null, ""], ["text", "text"], ["", ""], ['c', "c"], [true, "true"], [false, "false"],
        [0.1, "0.1"], [1.0, "1"], [1e-7, "1E-07"], [1234567.5, "1234567.5"], [1.0 / 3, "0.3333333333333333"],
        [double.NaN, "NaN"], [double.PositiveInfinity, "Infinity"], [double.NegativeInfinity, "-Infinity"], [-0.0, "-0"],
        [0.1f, "0.1"], [float.NaN, "NaN"], [(Half)0.1, "0.1"], [Half.PositiveInfinity, "Infinity"], [1.50m, "1.50"],
        [-5, "-5"], [long.MinValue, "-9223372036854775808"], [ulong.MaxValue, "18446744073709551615"], [(byte)7, "7"],
        [BigInteger.Pow(10, 20), "100000000000000000000"],
        [new DateTime(2024, 1, 2, 3, 4, 5), "2024-01-02T03:04:05"],
        [new DateTime(2024, 1, 2, 3, 4, 5, 600, DateTimeKind.Utc), "2024-01-02T03:04:05.6Z"],
        [new DateTimeOffset(2024, 1, 2, 3, 4, 5, TimeSpan.FromHours(-3.5)), "2024-01-02T03:04:05-03:30"],
        [new DateOnly(2024, 1, 2), "2024-01-02"], [new TimeOnly(3, 4), "03:04:00"], [new TimeOnly(3, 4, 5, 60), "03:04:05.06"],
        [new TimeSpan(1, 2, 3, 4), "1.02:03:04"], [new Guid("0f8fad5b-d9cb-469f-a165-70867728950e"), "0f8fad5b-d9cb-469f-a165-70867728950e"],
        [DayOfWeek.Friday, "Friday"], [(DayOfWeek)9, "9"], [FileAccess.ReadWrite, "ReadWrite"],
        [new Uri("https://h/a b"), "https://h/a b"], [new byte[] { 1, 2, 3 }, "AQID"], [new Version(1, 2), "1.2"], [typeof(int), "System.Int32"],
        [new[] { 1, 2 }, "[1, 2]"], [Array.Empty<int>(), "[]"], [new List<double> { 0.5, double.NaN }, "[0.5, NaN]"],
        [new object?[] { "a\"b", null, true, new[] { 1.5m } }, "[\"a\\\"b\", null, true, [1.5]]"], [new[] { "é" }, "[\"é\"]"],
        [new[] { DayOfWeek.Friday }, "[\"Friday\"]"], [new[,] { { 1, 2 }, { 3, 4 } }, "[1, 2, 3, 4]"],
        [new Dictionary<string, object> { ["a"] = 1, ["b"] = "x" }, "{\"a\": 1, \"b\": \"x\"}"], [(1.5, "a"), "[1.5, \"a\"]"],
        [JsonDocument.Parse("{\"a\":1.50}").RootElement, "{\"a\":1.50}"], [JsonNode.Parse("[1,{\"a\":2}]"), "[1,{\"a\":2}]"],
        [JsonValue.Create("x"), "x"],
    ];

    [TestCaseSource(nameof(Values))]
    public void A_value_has_one_text_in_every_culture(object? value, string text)
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            foreach (var culture in new[] { "", "de-DE", "fa-IR", "sv-SE" })
            {
                CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(culture);
                Assert.That(ValueText.Format(value), Is.EqualTo(text), culture);
            }
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [TestCase(double.MaxValue)]
    [TestCase(double.Epsilon)]
    [TestCase(0.30000000000000004)]
    public void A_number_comes_back_as_it_was(double number)
        => Assert.That(double.Parse(ValueText.Format(number), CultureInfo.InvariantCulture), Is.EqualTo(number));

    [Test]
    public void A_list_that_contains_itself_is_refused()
    {
        var list = new List<object>();
        list.Add(list);

        Assert.That(() => ValueText.Format(list), Throws.ArgumentException.With.Message.Contains("contains itself"));
    }

    [Test]
    public void A_list_without_an_end_is_refused()
    {
        Assert.That(() => ValueText.Format(Forever()), Throws.ArgumentException.With.Message.Contains("end"));

        static IEnumerable<int> Forever()
        {
            while (true)
            {
                yield return 1;
            }
        }
    }
}
