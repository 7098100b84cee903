namespace ModelTrack.Client.Backends.Rest;

/// <summary>MLflow's REST API in groups; each method of a group is an endpoint. Safe for calls from several threads.</summary>
internal sealed class RestApi(RestSender sender)
{
    public RestSender Sender { get; } = sender;

    public ExperimentsApi Experiments { get; } = new(sender);

    public RunsApi Runs { get; } = new(sender);

    public MetricsApi Metrics { get; } = new(sender);

    public ArtifactsApi Artifacts { get; } = new(sender);

    public LoggedModelsApi LoggedModels { get; } = new(sender);

    public ServiceApi Service { get; } = new(sender);
}
