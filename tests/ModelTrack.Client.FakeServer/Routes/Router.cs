namespace ModelTrack.Client.Fakes.Routes;

/// <summary>Finds what answers a request.</summary>
internal sealed class Router
{
    private readonly List<Route> _routes = [];

    /// <summary>Adds a path below both roots of the API, the one for clients and the one for MLflow's own pages.</summary>
    public void Api(string method, string path, Func<Call, FakeAnswer> handle, string since = "2.0", string root = "2.0/mlflow")
    {
        Add(method, $"/api/{root}{path}", handle, since);
        Add(method, $"/ajax-api/{root}{path}", handle, since);
    }

    public void Add(string method, string path, Func<Call, FakeAnswer> handle, string since = "2.0")
        => _routes.Add(new Route(method, path, FakeServerVersion.Parse(since), handle));

    public FakeAnswer Answer(Call call)
    {
        var segments = call.Path.Split('/');
        var allowed = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var route in _routes)
        {
            if (!call.Version.AtLeast(route.Since.Major, route.Since.Minor, route.Since.Patch) || !route.TryMatch(segments, out var values))
            {
                continue;
            }

            if (route.Method == call.Method || (route.Method == "GET" && call.Method == "HEAD"))
            {
                call.Route = values;
                return route.Handle(call);
            }

            allowed.Add(route.Method);
            allowed.Add("OPTIONS");
            if (route.Method == "GET")
            {
                allowed.Add("HEAD");
            }
        }

        return allowed.Count == 0
            ? FakeAnswer.Page(404)
            : FakeAnswer.Page(405) with { Headers = new Dictionary<string, string> { ["Allow"] = string.Join(", ", allowed) } };
    }
}
