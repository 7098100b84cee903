namespace ModelTrack.Client.Tests.Connection;

/// <summary>The expected values are those of Python 3.11's configparser.</summary>
internal sealed class IniFileTests
{
    private const string Key = "mlflow_tracking_password";

    [TestCase("[mlflow]\nmlflow_tracking_password = a%%b # c\n", "a%b # c")]
    [TestCase("[mlflow]\nMLFLOW_TRACKING_PASSWORD: x=y", "x=y")]
    [TestCase("[mlflow]\r\nmlflow_tracking_password=x\r\n", "x")]
    [TestCase("[DEFAULT]\nmlflow_tracking_password=d\n[mlflow]\na=1", "d")]
    [TestCase("[mlflow]\nmlflow_tracking_password=a\n  b\n", "a\nb")]
    [TestCase("[mlflow]\nmlflow_tracking_password=a\n  # c\n  b\n", "a\nb")]
    [TestCase("[mlflow]\nb=q\nmlflow_tracking_password=%(b)s%%", "q%")]
    [TestCase("[mlflow]\nmlflow_tracking_password=%(B)s\nb=5", "5")]
    [TestCase("[mlflow] # c\nmlflow_tracking_password=z", "z")]
    [TestCase("  [mlflow]\n  mlflow_tracking_password=z\n", "z")]
    [TestCase("[mlflow]\na=1\n [x]\nmlflow_tracking_password=z", "z")]
    [TestCase("[mlflow]\nmlflow_tracking_password=\n\n  v\n", "\n\nv")]
    [TestCase("[mlflow]\nmlflow_tracking_password=v\n\n\nb=2", "v")]
    [TestCase("[mlflow]\nmlflow_tracking_password=\"q\"", "\"q\"")]
    [TestCase("[mlflow]\n# mlflow_tracking_password=1\n; mlflow_tracking_password=2\nmlflow_tracking_password=3", "3")]
    [TestCase("[x]\na=1\n[mlflow]\n mlflow_tracking_password=u\n b=1", "u")]
    [TestCase("[mlflow]\nmlflow_tracking_password=", "")]
    [TestCase("[MLFLOW]\nmlflow_tracking_password=u", null)]
    public void A_value_is_what_Python_reads(string text, string? expected)
        => Assert.That(IniFile.Parse(text, "file").GetInterpolated("mlflow", Key), Is.EqualTo(expected));

    [TestCase("[mlflow]\nmlflow_tracking_password = s3%cret")]
    [TestCase("[mlflow]\nmlflow_tracking_password = s3cret%")]
    [TestCase("[mlflow]\nmlflow_tracking_password = s3cret%(missing)s")]
    [TestCase("[mlflow]\nmlflow_tracking_password = %(mlflow_tracking_password)s")]
    public void A_lone_percent_sign_is_an_error_that_says_how_to_write_it(string text)
        => Assert.That(
            () => IniFile.Parse(text, "the-file").GetInterpolated("mlflow", Key),
            Throws.ArgumentException.With.Message.Contains("the-file").And.Message.Contains("%%").And.Message.Not.Contains("s3"));

    [TestCase("mlflow_tracking_password=s3cret\n[mlflow]", 1)]
    [TestCase("[mlflow]\n\ns3cret", 3)]
    [TestCase("[mlflow]\n=s3cret", 2)]
    [TestCase("[mlflow]\na=1\nA=s3cret", 3)]
    [TestCase("[mlflow]\n[mlflow]", 2)]
    public void A_broken_file_is_an_error_with_the_line_and_nothing_of_what_stands_there(string text, int line)
        => Assert.That(
            () => IniFile.Parse(text, "the-file"),
            Throws.ArgumentException.With.Message.Contains("the-file").And.Message.Contains($"line {line}").And.Message.Not.Contains("s3cret"));

    [Test]
    public void A_raw_value_keeps_its_percent_signs()
        => Assert.That(IniFile.Parse("[a]\ntoken = x%y", "file").GetRaw("a", "token"), Is.EqualTo("x%y"));
}
