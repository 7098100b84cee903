namespace ModelTrack.Client.Fakes.Wire;

/// <summary>An exception that MLflow does not catch: the answer is an HTML page with status 500.</summary>
internal sealed class ServerCrashException(string message) : Exception(message);
