using System.Runtime.InteropServices;

namespace ModelTrack.Client.Lifetime;

/// <summary>
/// Tells whether an exception is passing through the calling code. On CoreCLR the exception pointers of a thread change while a `finally`
/// or a `using` runs because of an exception; where the runtime does not say (native AOT, and after an `await` in a `finally`), nothing
/// is in flight as far as this class knows.
/// </summary>
internal static class ExceptionFlight
{
    [ThreadStatic]
    private static WeakReference<Exception>? s_latest;

    /// <summary>The state to compare with later: that of an ordinary moment, or of the `catch` block that the caller is in.</summary>
    public static nint Mark()
    {
        try
        {
            return Marshal.GetExceptionPointers();
        }
        catch (PlatformNotSupportedException)
        {
            return 0;
        }
    }

    /// <summary>Whether an exception is passing through that was not there at the mark.</summary>
    public static bool IsSince(nint mark) => Mark() is var now && now != 0 && now != mark;

    /// <summary>The exception that this thread threw last: the one in flight, when one is.</summary>
    public static Exception? Latest => s_latest is { } latest && latest.TryGetTarget(out var exception) ? exception : null;

    public static void Thrown(Exception exception)
    {
        if (s_latest is null)
        {
            s_latest = new WeakReference<Exception>(exception);
        }
        else
        {
            s_latest.SetTarget(exception);
        }
    }
}
