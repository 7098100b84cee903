using System.Net;
using System.Text.Json;

namespace ModelTrack.Client.Backends.Rest;

/// <summary>Checks that an answer has what it is asked for: an empty object is a good answer to all parsers.</summary>
internal static class Answers
{
    /// <summary>For what has to be in each of the objects of a list.</summary>
    /// <exception cref="JsonException">It is not there.</exception>
    public static void RequireText(string? text, string name)
    {
        if (text is null)
        {
            throw new JsonException($"There is an object without '{name}'.");
        }
    }

    /// <summary>A list of objects has objects in it; null passes for one.</summary>
    /// <exception cref="JsonException">There is a null in a list, or it is no JSON.</exception>
    public static void RefuseNullsInLists(ReadOnlySpan<byte> json)
    {
        // As a rule there is none at all, which is found out in no time.
        if (json.IndexOf("null"u8) < 0)
        {
            return;
        }

        var reader = new Utf8JsonReader(json);
        var before = JsonTokenType.None;
        while (reader.Read())
        {
            if (reader is { TokenType: JsonTokenType.Null, CurrentDepth: > 0 } && before != JsonTokenType.PropertyName)
            {
                throw new JsonException("There is a null in a list.");
            }

            before = reader.TokenType;
        }
    }

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
