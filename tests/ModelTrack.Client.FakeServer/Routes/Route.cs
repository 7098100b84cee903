namespace ModelTrack.Client.Fakes.Routes;

/// <summary>A path of the server, such as <c>/logged-models/{id}</c>; the last name may be <c>{*rest}</c> for all that is left.</summary>
internal sealed class Route(string method, string pattern, FakeServerVersion since, Func<Call, FakeAnswer> handle)
{
    private readonly string[] _segments = pattern.Split('/');

    public string Method { get; } = method;

    /// <summary>The version that brought it.</summary>
    public FakeServerVersion Since { get; } = since;

    public Func<Call, FakeAnswer> Handle { get; } = handle;

    public bool TryMatch(string[] path, out Dictionary<string, string> values)
    {
        values = [];
        for (var i = 0; i < _segments.Length; i++)
        {
            var segment = _segments[i];
            if (segment.StartsWith("{*", StringComparison.Ordinal))
            {
                var rest = string.Join('/', path.Skip(i));
                values[segment[2..^1]] = rest;
                return rest.Length > 0;
            }

            if (i >= path.Length)
            {
                return false;
            }

            if (segment.StartsWith('{'))
            {
                values[segment[1..^1]] = path[i];
            }

            if (segment.StartsWith('{') ? path[i].Length == 0 : path[i] != segment)
            {
                return false;
            }
        }

        return path.Length == _segments.Length;
    }
}
