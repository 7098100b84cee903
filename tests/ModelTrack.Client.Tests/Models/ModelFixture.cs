namespace ModelTrack.Client.Tests.Models;

/// <summary>Model folders as MLflow 3.11 wrote them.</summary>
internal static class ModelFixture
{
    public static readonly string[] Names = ["onnx-linear", "pyfunc-columns", "pyfunc-tensors", "sklearn-logreg"];

    public static string PathOf(string name, string file = "") => Path.Combine(TestContext.CurrentContext.TestDirectory, "Fixtures", "models", name, file);
}
