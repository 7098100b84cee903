namespace ModelTrack.Client.Journal;

/// <summary>A metric key as a reader knows it.</summary>
internal sealed class ReadKey
{
    public required string Text { get; set; }

    /// <summary>The latest batch that it was counted for.</summary>
    public int Slice { get; set; }
}
