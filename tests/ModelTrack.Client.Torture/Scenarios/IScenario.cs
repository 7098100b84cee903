namespace ModelTrack.Client.Torture.Scenarios;

/// <summary>One way to torture.</summary>
internal interface IScenario
{
    string Name { get; }

    Task<Outcome> RunAsync(TortureOptions options);
}
