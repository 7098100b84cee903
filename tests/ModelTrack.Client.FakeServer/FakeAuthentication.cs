using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Http;
using ModelTrack.Client.Fakes.Wire;

namespace ModelTrack.Client.Fakes;

/// <summary>Asks for credentials, if the server is set up to.</summary>
internal sealed class FakeAuthentication(FakeServerOptions options)
{
    private const string UsersPath = "/api/2.0/mlflow/users/create";

    private static readonly string[] WritesForReaders = ["/experiments/create", "/registered-models/create", "/runs/search", "/experiments/search"];

    private static readonly MessageType NewUser = new(
        Field.Text("username", Check.Required, Check.Text),
        Field.Text("password", Check.Required, Check.Text));

    private readonly ConcurrentDictionary<string, string> _readers = new(options.ReadOnlyUsers);

    /// <summary>The answer to a request that may not pass; null when it may.</summary>
    public FakeAnswer? Refuse(HttpRequest request, string path)
    {
        if (path == "/health")
        {
            return null;
        }

        var header = request.Headers.Authorization.ToString();
        if (options.Token is not null)
        {
            return header == $"Bearer {options.Token}" ? null : FakeAnswer.Text(401, "Unauthorized", "text/plain") with
            {
                Headers = new Dictionary<string, string> { ["WWW-Authenticate"] = "Bearer" },
            };
        }

        if (options.UserName is null)
        {
            return null;
        }

        var credentials = Decode(header);
        if (credentials == (options.UserName, options.Password ?? ""))
        {
            return null;
        }

        if (credentials is { } reader && _readers.TryGetValue(reader.Name, out var password) && password == reader.Password)
        {
            return MayReader(request.Method, path) ? null : FakeAnswer.Text(403, "Permission denied");
        }

        const string Message = "You are not authenticated. Please see https://www.mlflow.org/docs/latest/auth/index.html#authenticating-to-mlflow"
            + " on how to authenticate.";
        return FakeAnswer.Text(401, Message) with
        {
            Headers = new Dictionary<string, string> { ["WWW-Authenticate"] = "Basic realm=\"mlflow\"" },
        };
    }

    /// <summary>Creates users, who may read.</summary>
    public FakeAnswer? Answer(Call call)
    {
        if (options.UserName is null || call.Path != UsersPath || call.Method != "POST")
        {
            return null;
        }

        var request = call.Read(NewUser);
        if (!_readers.TryAdd(request.Text("username"), request.Text("password")))
        {
            throw FakeException.Exists($"User (username={request.Text("username")}) already exists.");
        }

        return Json.Answer(json => json.WriteObject("user", w =>
        {
            w.WriteNumber("id", _readers.Count + 1);
            w.WriteString("username", request.Text("username"));
            w.WriteBoolean("is_admin", false);
            foreach (var list in new[] { "experiment_permissions", "registered_model_permissions", "scorer_permissions" })
            {
                w.WriteStartArray(list);
                w.WriteEndArray();
            }
        }));
    }

    private static bool MayReader(string method, string path)
        => method is "GET" or "HEAD" || Array.Exists(WritesForReaders, end => path.EndsWith(end, StringComparison.Ordinal));

    private static (string Name, string Password)? Decode(string header)
    {
        if (!header.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        try
        {
            var text = Encoding.UTF8.GetString(Convert.FromBase64String(header[6..]));
            var colon = text.IndexOf(':', StringComparison.Ordinal);
            return colon < 0 ? null : (text[..colon], text[(colon + 1)..]);
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
