namespace ModelTrack.Client.Backends.Files.Search;

/// <summary>Which folders a run's folder has.</summary>
[Flags]
internal enum RunParts
{
    None = 0,
    Metrics = 1,
    Params = 2,
    Tags = 4,
    Inputs = 8,
    Outputs = 16,
    All = Metrics | Params | Tags | Inputs | Outputs,
}
