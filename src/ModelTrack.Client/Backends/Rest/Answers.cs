using System.Net;

namespace ModelTrack.Client.Backends.Rest;

/// <summary>Checks that an answer has what it is asked for: an empty object is a good answer to all parsers.</summary>
internal static class Answers
{
    public static T Require<T>(T? value, string name, RestSender sender)
        where T : class
        => value ?? throw new ModelTrackException(
            ErrorCode.TemporarilyUnavailable,
            $"What answered at {sender.Connection.BaseUri} sent no '{name}', as MLflow does: perhaps it is a proxy. Check the tracking URI.")
        {
            StatusCode = HttpStatusCode.OK,
            IsTransient = true,
            MayBeApplied = true,
        };
}
