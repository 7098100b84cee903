using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.ML;
using Microsoft.ML.Data;
using Serving;

namespace ModelTrack.Client.MLNet.Tests.Serving;

/// <summary>samples/Serving with a model of the breast cancer data, in this process and by HTTP.</summary>
internal sealed class ScoringServerTests
{
    private const string Json = "application/json";
    private const int FeatureCount = 30;

    private static readonly CancellationToken Patience = new CancellationTokenSource(TimeSpan.FromMinutes(5)).Token;

    private readonly SocketsHttpHandler _handler = new();
    private readonly List<float[]> _rows = [];
    private readonly List<Prediction> _expected = [];
    private DirectoryInfo _scratch = null!;
    private WebApplication _app = null!;
    private HttpClient _client = null!;

    [OneTimeSetUp]
    public async Task TrainAndStart()
    {
        _scratch = Directory.CreateTempSubdirectory("modeltrack-tests-");
        var folder = Path.Combine(_scratch.FullName, "mlruns");
        var ml = new MLContext(seed: 1);
        var data = TestData.Cancer(ml);
        var model = ml.BinaryClassification.Trainers.FastTree(numberOfTrees: 5).Fit(data);
        _rows.AddRange(data.GetColumn<float[]>("Features").Take(3));
        _expected.AddRange(ml.Data.CreateEnumerable<Prediction>(model.Transform(data), reuseRowObject: false).Take(3));

        using (var tracker = new Tracker(new TrackerOptions { TrackingUri = folder, CaptureContext = false }))
        {
            using var run = tracker.StartRun("fast-tree", experiment: "breast-cancer");
            var info = await run.LogModelAsync(
                path => ml.Model.Save(model, data.Schema, Path.Combine(path, "model.zip")),
                "model",
                new LogModelOptions
                {
                    Flavors = { ["mlnet"] = ModelValue.Map(("data", "model.zip")) },
                    Signature = new ModelSignature(
                        new ModelSchema(
                            new ColumnSpec(Client.ColumnType.Array(Client.ColumnType.Float), "Features"),
                            new ColumnSpec(Client.ColumnType.Boolean, "Label")),
                        parameters: [new ParamSpec("threshold", Client.ColumnType.Double, 0.5)]),
                    RegisteredModelName = "breast-cancer",
                },
                Patience);
            await tracker.Registry.SetAliasAsync("breast-cancer", "champion", info.Version!.Value, Patience);
        }

        (_app, _client) = await StartAsync(folder, "models:/breast-cancer@champion");
        await _app.Services.GetRequiredService<ModelTrackModel>().WaitUntilLoadedAsync(Patience);
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _client.Dispose();
        _handler.Dispose();
        await _app.DisposeAsync();
        _scratch.Delete(recursive: true);
    }

    private static IEnumerable<TestCaseData> Forms()
    {
        var rows = (IReadOnlyList<float[]> data) => $"[{string.Join(",", data.Select(List))}]";
        yield return Form(
            "split, a list in its column",
            data => $$"""{"dataframe_split": {"columns": ["Features"], "data": [{{string.Join(",", data.Select(row => $"[{List(row)}]"))}}], "index": [7, 8, 9]} }""");
        yield return Form(
            "split, a column for each value",
            data => $$"""{"dataframe_split": {"columns": [{{string.Join(",", Names.Select(name => $"\"{name}\""))}}], "data": {{rows(data)}} } }""");
        yield return Form("split, without names", data => $$"""{"dataframe_split": {"data": {{rows(data)}} } }""");
        yield return Form("records", data => $$"""{"dataframe_records": [{{Objects(data)}}]}""");
        yield return Form("instances, lists", data => $$"""{"instances": {{rows(data)}}, "signature_name": "x"}""");
        yield return Form("instances, objects", data => $$"""{"instances": [{{Objects(data)}}]}""");
        yield return Form("inputs, a list", data => $$"""{"inputs": {{rows(data)}} }""");
        yield return Form("inputs, lists by name", data => $$"""{"inputs": {"Features": {{rows(data)}} } }""");
        yield return Form("an extra column is ignored", data => $$"""{"inputs": {"Features": {{rows(data)}}, "Other": ["a", "b", "c"]} }""");
        yield return Form("params", data => $$"""{"inputs": {{rows(data)}}, "params": {"threshold": 0.3, "unknown": "x"} }""");

        static TestCaseData Form(string name, Func<IReadOnlyList<float[]>, string> write) => new TestCaseData(write).SetName($"JSON: {name}");
        static string Objects(IReadOnlyList<float[]> data)
            => string.Join(",", data.Select((row, index) => $$"""{"Features": {{List(row)}}, "Label": {{(index == 0 ? "true" : "false")}} }"""));
    }

    private static IEnumerable<string> Names => Enumerable.Range(0, FeatureCount).Select(number => $"f{number}");

    [TestCaseSource(nameof(Forms))]
    public async Task A_form_of_JSON_gives_the_predictions_of_the_model_in_memory(Func<IReadOnlyList<float[]>, string> write)
    {
        using var answer = await PostAsync(write(_rows), Json);
        await CheckPredictionsAsync(answer);
    }

    [Test]
    public async Task CSV_gives_the_predictions_of_the_model_in_memory()
    {
        var wide = new StringBuilder($",{string.Join(',', Names)}\r\n"); // with the index that pandas writes
        var lists = new StringBuilder("Features,Label,comment\n");
        foreach (var (index, row) in _rows.Index())
        {
            wide.Append(CultureInfo.InvariantCulture, $"{index},{List(row)[1..^1]}\r\n");
            lists.Append(CultureInfo.InvariantCulture, $"\"{List(row)}\",True,\"a \"\"b\"\",\nc\"\n");
        }

        foreach (var (text, type) in new[] { (wide, "text/csv"), (lists, "text/csv; charset=UTF-8") })
        {
            using var answer = await PostAsync(text.ToString(), type);
            await CheckPredictionsAsync(answer);
        }
    }

    [Test]
    public async Task What_is_not_a_number_is_one_that_is_missing_to_the_model()
    {
        using var answer = await PostAsync($$"""{"instances": [[null{{string.Concat(Enumerable.Repeat(", 1", FeatureCount - 1))}}]]}""", Json);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [TestCase("""{"inputs": {"Other": [[1]]}}""", "INVALID_PARAMETER_VALUE", "missing inputs ['Features']")]
    [TestCase("""{"dataframe_split": {"columns": ["a", "b"], "data": [[1, 2]]}}""", "INVALID_PARAMETER_VALUE", "missing inputs ['Features']")]
    [TestCase("""{"instances": [[1, 2, 3]]}""", "INVALID_PARAMETER_VALUE", "'Features' (30 × float)")]
    [TestCase("""{"inputs": {"Features": [[1, 2]]}}""", "INVALID_PARAMETER_VALUE", "row 0 has 2 values, expected 30 × float")]
    [TestCase("""{"inputs": {"Features": [["x"]], "Label": [true]}}""", "BAD_REQUEST", "Failed to convert column Features to type 'float'")]
    [TestCase("""{"inputs": [[1]], "params": {"threshold": "high"}}""", "INVALID_PARAMETER_VALUE", "'threshold'")]
    [TestCase("""{"inputs": [[1]], "params": [1]}""", "INVALID_PARAMETER_VALUE", "dictionary")]
    [TestCase("""{"inputs": [[1]], "instances": [[1]]}""", "BAD_REQUEST", "exactly one of the input fields")]
    [TestCase("""{"rows": [[1]]}""", "BAD_REQUEST", "input fields: ['rows']")]
    [TestCase("""[[1]]""", "BAD_REQUEST", "Received a list")]
    [TestCase("""3""", "BAD_REQUEST", "Received number")]
    [TestCase("""{"inputs": [[1]""", "BAD_REQUEST", "valid JSON")]
    [TestCase("""{"dataframe_split": {"columns": ["a"]}}""", "BAD_REQUEST", "must have 'data'")]
    [TestCase("""{"dataframe_split": {"columns": ["a", "b"], "data": [[1]]}}""", "BAD_REQUEST", "2 columns passed")]
    [TestCase("""{"dataframe_split": [1]}""", "BAD_REQUEST", "must be a dictionary. Got list")]
    [TestCase("""{"dataframe_records": {"a": 1}}""", "BAD_REQUEST", "must be a list of records. Got dictionary")]
    [TestCase("""{"inputs": {"Features": [[1]], "Label": [true, false]}}""", "BAD_REQUEST", "same length")]
    [TestCase("""{"instances": [[1], [1, 2]]}""", "BAD_REQUEST", "row 1 has 2 values")]
    public async Task A_wrong_request_is_400_with_the_code_and_what_is_wrong(string body, string code, string message)
    {
        using var answer = await PostAsync(body, Json);
        using var error = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Patience));
        Assert.Multiple(() =>
        {
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
            Assert.That(answer.Content.Headers.ContentType!.ToString(), Is.EqualTo(Json));
            Assert.That(error.RootElement.GetProperty("error_code").GetString(), Is.EqualTo(code));
            Assert.That(error.RootElement.GetProperty("message").GetString(), Does.Contain(message));
        });
    }

    [TestCase("")]
    [TestCase("a\n\"1")]
    [TestCase("a\n1,2")]
    public async Task A_wrong_CSV_file_is_400(string body)
    {
        using var answer = await PostAsync(body, "text/csv");
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(await answer.Content.ReadAsStringAsync(Patience), Does.Contain("BAD_REQUEST").And.Contain("valid CSV-formatted"));
    }

    [TestCase("application/x-protobuf", "only supports the following content types")]
    [TestCase("application/json; charset=latin-1", "only supports UTF-8")]
    [TestCase("application/json; format=pandas-split", "Unrecognized content type parameters: format")]
    public async Task Another_content_type_is_415_in_plain_text(string contentType, string message)
    {
        using var answer = await PostAsync("""{"inputs": [[1]]}""", contentType);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.UnsupportedMediaType));
        Assert.That(answer.Content.Headers.ContentType!.MediaType, Is.EqualTo("text/plain"));
        Assert.That(await answer.Content.ReadAsStringAsync(Patience), Does.Contain(message));
    }

    [Test]
    public async Task The_other_endpoints_answer_as_MLflows_do()
    {
        foreach (var path in new[] { "ping", "health" })
        {
            using var ping = await _client.GetAsync(path, Patience);
            Assert.That(ping.StatusCode, Is.EqualTo(HttpStatusCode.OK));
            Assert.That(ping.Content.Headers.ContentType!.ToString(), Is.EqualTo(Json));
            Assert.That(await ping.Content.ReadAsStringAsync(Patience), Is.EqualTo("\n"));
            Assert.That(ping.Headers.GetValues("X-Model-Uri"), Is.EqualTo(new[] { "models:/breast-cancer/1" }));
        }

        using var version = await _client.GetAsync("version", Patience);
        Assert.That(await version.Content.ReadAsStringAsync(Patience), Does.Match(@"^\d+\.\d+\.\d+$"));
        using var get = await _client.GetAsync("invocations", Patience);
        Assert.That(get.StatusCode, Is.EqualTo(HttpStatusCode.MethodNotAllowed));
        Assert.That(await get.Content.ReadAsStringAsync(Patience), Is.EqualTo("""{"detail":"Method Not Allowed"}"""));
        using var other = await _client.GetAsync("other", Patience);
        Assert.That(other.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(await other.Content.ReadAsStringAsync(Patience), Is.EqualTo("""{"detail":"Not Found"}"""));
    }

    [Test]
    public async Task Without_a_model_ping_is_404_and_nothing_is_predicted()
    {
        var (app, client) = await StartAsync(Path.Combine(_scratch.FullName, "empty"), "models:/breast-cancer@champion");
        await using (app)
        using (client)
        {
            using var ping = await client.GetAsync("ping", Patience);
            Assert.That(ping.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
            Assert.That(await ping.Content.ReadAsStringAsync(Patience), Is.EqualTo("\n"));
            using var content = Content("""{"inputs": [[1]]}""", Json);
            using var answer = await client.PostAsync("invocations", content, Patience);
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        }
    }

    private async Task<(WebApplication App, HttpClient Client)> StartAsync(string folder, string model)
    {
        var app = ServingApp.Create(
        [
            "--urls", "http://127.0.0.1:0", "--tracking-uri", folder, "--model", model, "--Logging:LogLevel:Default", "None",
        ]);
        await app.StartAsync(Patience);
        return (app, new HttpClient(_handler, disposeHandler: false) { BaseAddress = new Uri(app.Urls.Single()) });
    }

    private async Task<HttpResponseMessage> PostAsync(string body, string contentType)
    {
        using var content = Content(body, contentType);
        return await _client.PostAsync("invocations", content, Patience);
    }

    private static ByteArrayContent Content(string body, string contentType)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        return content;
    }

    private async Task CheckPredictionsAsync(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync(Patience);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), text);
        Assert.That(answer.Content.Headers.ContentType!.ToString(), Is.EqualTo(Json));
        Assert.That(answer.Headers.GetValues("X-Model-Uri"), Is.EqualTo(new[] { "models:/breast-cancer/1" }));
        using var json = JsonDocument.Parse(text);
        var predictions = json.RootElement.GetProperty("predictions").EnumerateArray().Select(row => (
            row.GetProperty("PredictedLabel").GetBoolean(), row.GetProperty("Score").GetSingle(), row.GetProperty("Probability").GetSingle()));
        Assert.That(predictions, Is.EqualTo(_expected.Select(row => (row.PredictedLabel, row.Score, row.Probability))));
        Assert.That(
            json.RootElement.GetProperty("predictions")[0].EnumerateObject().Select(member => member.Name),
            Is.EquivalentTo(new[] { "PredictedLabel", "Score", "Probability" }));
    }

    private static string List(float[] row)
        => $"[{string.Join(", ", row.Select(value => value.ToString("R", CultureInfo.InvariantCulture)))}]";

    private sealed class Prediction
    {
        public bool PredictedLabel { get; set; }

        public float Score { get; set; }

        public float Probability { get; set; }
    }
}
