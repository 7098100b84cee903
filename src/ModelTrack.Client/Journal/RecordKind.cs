namespace ModelTrack.Client.Journal;

/// <summary>What a record in a segment says. The numbers are part of the format.</summary>
internal enum RecordKind : byte
{
    None = 0,

    /// <summary>Whose journal it is and for which destination. The first record of every segment.</summary>
    Owner = 1,

    /// <summary>Gives a metric key its number; once in every segment that uses it.</summary>
    Key = 2,

    /// <summary>Gives a run its number and says what it is; once in every segment that uses it. Holds the run's watermark.</summary>
    Run = 3,

    Metric = 4,

    Param = 5,

    Tag = 6,

    TagDeletion = 7,

    /// <summary>The run's status changed: its end, as a rule.</summary>
    Status = 8,

    /// <summary>A signal came that ends processes as a rule. Runs that this journal leaves open were killed.</summary>
    Signal = 9,

    /// <summary>A file that waits beside the journal: its path among the artifacts, and its name here.</summary>
    Artifact = 10,

    /// <summary>The store refused the run when it was started, and the caller was told: nobody is to create it.</summary>
    Abandoned = 11,

    /// <summary>A data set that the run used: its name, and all of it as JSON.</summary>
    Input = 12,

    /// <summary>A model that waits beside the journal: its name, and that of the file here that describes it.</summary>
    Model = 13,
}
