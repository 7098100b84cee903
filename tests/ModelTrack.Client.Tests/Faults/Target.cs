namespace ModelTrack.Client.Tests.Faults;

/// <summary>Which requests a fault happens to.</summary>
/// <param name="Name">For the names of tests.</param>
/// <param name="Method">The method.</param>
/// <param name="PathPart">What the path has in it.</param>
internal sealed record Target(string Name, string Method, string PathPart)
{
    public static Target Batch { get; } = new("batch", "POST", "/runs/log-batch");

    public static Target Creation { get; } = new("creation", "POST", "/runs/create");

    public static Target Experiment { get; } = new("experiment", "POST", "/experiments/create");

    public static Target Update { get; } = new("end", "POST", "/runs/update");

    public static Target Upload { get; } = new("file", "PUT", "/mlflow-artifacts/artifacts/");

    public static Target History { get; } = new("look-up", "GET", "/metrics/get-history");

    public static Target Search { get; } = new("search", "POST", "/runs/search");

    public bool Is(string method, string target) => method == Method && target.Contains(PathPart, StringComparison.Ordinal);

    public override string ToString() => Name;
}
