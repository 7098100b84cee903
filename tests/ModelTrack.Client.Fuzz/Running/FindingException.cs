namespace ModelTrack.Client.Fuzz.Running;

/// <summary>An input was not treated as it should be.</summary>
internal sealed class FindingException(string message, Exception? innerException = null) : Exception(message, innerException);
