namespace ModelTrack.Client.Backends.Rest;

/// <summary>What is known of a request over all of its tries.</summary>
internal sealed class SendState
{
    /// <summary>A try may have reached the server and been carried out, though no good answer came.</summary>
    public bool MayBeApplied { get; set; }

    /// <summary>Credentials were renewed once; that must do.</summary>
    public bool Renewed { get; set; }

    /// <summary>Where the last try went: to the server, or to a store that it named.</summary>
    public Uri? Uri { get; set; }
}
