namespace ModelTrack.Client.Backends.Rest.Wire;

/// <summary>The answer of an endpoint that has nothing to say: an object, whatever is in it.</summary>
internal sealed record NoAnswer;
