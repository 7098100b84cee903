using System.Globalization;
using System.Text;
using ModelTrack.Client.Backends.Files;
using ModelTrack.Client.Numbers;

namespace ModelTrack.Client.Tests.Backends.Files;

internal sealed class MetricLineWriterTests
{
    [TestCase(5.0, "5.0")]
    [TestCase(0.1, "0.1")]
    [TestCase(1e-7, "1e-07")]
    [TestCase(1e16, "1e+16")]
    [TestCase(1.2345678901234568e17, "1.2345678901234568e+17")]
    [TestCase(1e15, "1000000000000000.0")]
    [TestCase(double.NaN, "nan")]
    [TestCase(double.PositiveInfinity, "inf")]
    [TestCase(double.NegativeInfinity, "-inf")]
    [TestCase(-0.0, "-0.0")]
    [TestCase(5e-324, "5e-324")]
    [TestCase(0.0001, "0.0001")]
    [TestCase(0.00001, "1e-05")]
    [TestCase(-1.7976931348623157e308, "-1.7976931348623157e+308")]
    public void A_value_is_written_as_Python_writes_it(double value, string expected) => Assert.That(Text(value), Is.EqualTo(expected));

    [Test]
    public void Values_of_every_size_are_written_as_Pythons_repr_writes_them()
    {
        var path = Path.Combine(TestContext.CurrentContext.TestDirectory, "Fixtures", "python-float-repr.txt");
        var wrong = new List<string>();
        var count = 0;
        foreach (var line in File.ReadLines(path))
        {
            var fields = line.Split(' ');
            var value = BitConverter.UInt64BitsToDouble(ulong.Parse(fields[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
            count++;
            if (Text(value) != fields[1])
            {
                wrong.Add($"{fields[1]} came out as {Text(value)}");
            }
        }

        Assert.Multiple(() =>
        {
            Assert.That(wrong, Is.Empty);
            Assert.That(count, Is.GreaterThan(400));
        });
    }

    [Test]
    public void A_line_is_timestamp_value_step_and_a_line_feed()
    {
        Span<byte> line = stackalloc byte[MetricLineWriter.MaxLength];
        var length = MetricLineWriter.Write(new MetricPoint(0.5, -3, 1700000000000), line);
        Assert.That(Encoding.UTF8.GetString(line[..length]), Is.EqualTo("1700000000000 0.5 -3\n"));
    }

    [Test]
    public void The_longest_line_fits()
    {
        Span<byte> line = stackalloc byte[MetricLineWriter.MaxLength];
        var length = MetricLineWriter.Write(new MetricPoint(-1.7976931348623157e308, long.MinValue, long.MinValue), line);
        Assert.That(length, Is.LessThanOrEqualTo(MetricLineWriter.MaxLength));
    }

    private static string Text(double value)
    {
        Span<byte> text = stackalloc byte[PythonFloat.MaxLength];
        return Encoding.UTF8.GetString(text[..PythonFloat.Write(value, text)]);
    }
}
