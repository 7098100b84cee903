namespace ModelTrack.Client;

/// <summary>
/// What a store refused or could not do: a run that does not exist, a param that already has another value, a deleted experiment.
/// A malformed argument is an <see cref="ArgumentException"/>, a closed run an <see cref="InvalidOperationException"/>,
/// a disk that is full or read-only an <see cref="IOException"/>.
/// </summary>
public sealed class ModelTrackException : Exception
{
    /// <summary>Creates one with the code <see cref="ModelTrack.Client.ErrorCode.InternalError"/>.</summary>
    public ModelTrackException()
        : this(ModelTrack.Client.ErrorCode.InternalError, "The tracking store failed.")
    {
    }

    /// <summary>Creates one with the code <see cref="ModelTrack.Client.ErrorCode.InternalError"/>.</summary>
    /// <param name="message">What happened and what to do.</param>
    public ModelTrackException(string message)
        : this(ModelTrack.Client.ErrorCode.InternalError, message)
    {
    }

    /// <summary>Creates one with the code <see cref="ModelTrack.Client.ErrorCode.InternalError"/>.</summary>
    /// <param name="message">What happened and what to do.</param>
    /// <param name="innerException">The cause.</param>
    public ModelTrackException(string message, Exception innerException)
        : this(ModelTrack.Client.ErrorCode.InternalError, message, innerException)
    {
    }

    /// <summary>Creates one.</summary>
    /// <param name="errorCode">MLflow's code for it, see <see cref="ModelTrack.Client.ErrorCode"/>.</param>
    /// <param name="message">What happened and what to do.</param>
    /// <param name="innerException">The cause, or null.</param>
    public ModelTrackException(string errorCode, string message, Exception? innerException = null)
        : base(message, innerException) => ErrorCode = errorCode;

    /// <summary>MLflow's code for it, for example <c>RESOURCE_DOES_NOT_EXIST</c>.</summary>
    public string ErrorCode { get; }

    /// <summary>The HTTP status that a server answered with; null when there was no answer, or no server.</summary>
    public System.Net.HttpStatusCode? StatusCode { get; init; }

    /// <summary>
    /// Whether the same call may succeed later: the server is out of reach, overloaded, or in trouble of its own. What was logged waits in
    /// the journal meanwhile.
    /// </summary>
    public bool IsTransient { get; init; }

    /// <summary>The error has MLflow's form, so that it is the server's own word and not that of a proxy before it.</summary>
    internal bool IsServersWord { get; init; }

    /// <summary>The call failed, but the server may have carried it out all the same.</summary>
    internal bool MayBeApplied { get; init; }

    /// <summary>How long the server asked to be left alone; null when it did not say.</summary>
    internal TimeSpan? RetryAfter { get; init; }
}
