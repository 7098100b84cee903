using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace ModelTrack.Client.MLNet.Tests.Docs;

/// <summary>All C# on all pages compiles, each block by itself, with the names that its page takes for granted.</summary>
internal sealed partial class CodeBlockTests
{
    /// <summary>As a console program or a web application has them without saying so.</summary>
    private const string Usings = """
        using System;
        using System.Collections.Generic;
        using System.IO;
        using System.Linq;
        using System.Net.Http;
        using System.Threading;
        using System.Threading.Tasks;
        using Microsoft.AspNetCore.Builder;
        using Microsoft.AspNetCore.Http;
        using Microsoft.Extensions.Configuration;
        using Microsoft.Extensions.DependencyInjection;
        using Microsoft.Extensions.Logging;
        using Microsoft.ML;
        using Microsoft.ML.Data;
        using Microsoft.ML.Trainers.FastTree;
        using ModelTrack.Client;
        using ModelTrack.Client.Fakes;
        using ModelTrack.Client.MLNet;

        """;

    /// <summary>What was said before, on the page or by common sense.</summary>
    private const string Surroundings = """
        static Tracker tracker = null!;
        static Run run = null!;
        static string runId = "";
        static string folder = "";
        static IProgress<TransferProgress>? progress;
        static RunSnapshot best = null!;
        static TrackerOptions options = null!;
        static IServiceCollection services = null!;
        static IConfiguration configuration = null!;
        static CancellationToken ct;
        static CancellationToken cancellationToken;
        static MLContext ml = null!;
        static MLContext mlContext = null!;
        static ITransformer model = null!;
        static IDataView data = null!;
        static DataOperationsCatalog.TrainTestData split;
        static IEstimator<ITransformer> pipeline = null!;
        static WebApplicationBuilder builder = null!;
        static WebApplication app = null!;
        static HttpClient client = null!;
        static MyTokens tokens = null!;

        """;

    /// <summary>What belongs to the reader, or to a package that is not ours.</summary>
    private const string StandIns = """
        public sealed class MyTokens { public ValueTask<string> GetAsync(bool forceRefresh, CancellationToken ct) => default; }
        public sealed class SigningHandler : DelegatingHandler;
        public sealed record TokenRequestContext(string[] Scopes);
        public sealed class DefaultAzureCredential
        {
            public ValueTask<(string Token, DateTimeOffset ExpiresOn)> GetTokenAsync(TokenRequestContext context, CancellationToken ct) => default;
        }
        public sealed class Tumour { public float Radius { get; set; } }
        public sealed class Patient { public float Radius { get; set; } }
        public sealed class Diagnosis { public bool Value { get; set; } }
        public sealed class MyBucketFiles(HttpClient client, Uri location) : IArtifactRepository
        {
            public Task<IReadOnlyList<ArtifactInfo>> ListAsync(string path, CancellationToken ct = default) => throw new NotSupportedException($"{client} {location}");
            public Task<Stream> OpenReadAsync(string path, CancellationToken ct = default) => throw new NotSupportedException();
            public Task UploadAsync(string localFile, string path, IProgress<long>? progress = null, CancellationToken ct = default) => throw new NotSupportedException();
            public Task DownloadAsync(string path, string localFile, IProgress<long>? progress = null, CancellationToken ct = default) => throw new NotSupportedException();
        }

        """;

    private static readonly Lazy<IReadOnlyList<MetadataReference>> References = new(() =>
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(path => MetadataReference.CreateFromFile(path))]);

    private static IEnumerable<TestCaseData> Blocks
        => from page in Repository.Pages
           from block in Fences().Matches(Repository.Read(page)).Index()
           select new TestCaseData(block.Item.Groups[1].Value).SetArgDisplayNames($"{page} {block.Index + 1}");

    [TestCaseSource(nameof(Blocks))]
    public void A_block_of_code_compiles(string code)
    {
        var usings = string.Concat(UsingLines().Matches(code).Select(match => match.Value + "\n"));
        var rest = UsingLines().Replace(code, "");
        var isTypes = rest.TrimStart().StartsWith("public ", StringComparison.Ordinal);
        var program = isTypes
            ? $"{Usings}{usings}{rest}\n{StandIns}"
            : $"{Usings}{usings}static class Page {{\n{Surroundings}\nstatic async Task BlockAsync(string[] args) {{ await Task.CompletedTask;\n{{\n{rest}\n}} }} }}\n{StandIns}";
        var compilation = CSharpCompilation.Create(
            "page",
            [CSharpSyntaxTree.ParseText(program)],
            References.Value,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
        Assert.That(compilation.GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).Select(d => d.ToString()), Is.Empty, code);
    }

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Fences();

    [GeneratedRegex("^using [A-Za-z_.]+;.*$", RegexOptions.Multiline)]
    private static partial Regex UsingLines();
}
