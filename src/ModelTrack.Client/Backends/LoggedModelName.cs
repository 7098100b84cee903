using System.Buffers;

namespace ModelTrack.Client.Backends;

/// <summary>The names of logged models.</summary>
internal static class LoggedModelName
{
    private static readonly SearchValues<char> Forbidden = SearchValues.Create("/:.%\"'");

    /// <summary>Whether MLflow would let a logged model have it. None of these has to be escaped in a filter.</summary>
    public static bool IsPossible(string name) => name.Length > 0 && !name.AsSpan().ContainsAny(Forbidden);
}
