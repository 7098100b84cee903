using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ModelTrack.Client.Lifetime;

/// <summary>
/// Tells whether an exception is passing through the calling code. On CoreCLR the exception pointers of a thread change while a `finally`
/// or a `using` runs because of an exception; where the runtime does not say (native AOT, and after an `await` in a `finally`), nothing
/// is in flight as far as this class knows.
/// </summary>
internal static class ExceptionFlight
{
    /// <summary>How many exceptions can be thrown on top of each other, each while the one before is in flight, and still be told apart.</summary>
    private const int Remembered = 8;

    [ThreadStatic]
    private static (nint Pointers, WeakReference<Exception> Exception)[]? _thrown;

    [ThreadStatic]
    private static int _next;

    /// <summary>Whether the runtime tells at all.</summary>
    public static bool IsKnown { get; } = RuntimeFeature.IsDynamicCodeSupported && TryMark(out _);

    /// <summary>The state to compare with later: that of an ordinary moment, or of the `catch` block that the caller is in.</summary>
    public static nint Mark() => TryMark(out var mark) ? mark : 0;

    /// <summary>Whether an exception is passing through that was not there at the mark.</summary>
    public static bool IsSince(nint mark) => Mark() is var now && now != 0 && now != mark;

    /// <summary>
    /// The exception in flight on this thread. Not simply the one thrown last: code that cleans up on its way may have thrown and caught
    /// others. They are told apart by the pointers that were theirs when they were thrown.
    /// </summary>
    public static Exception? Current
    {
        get
        {
            var now = Mark();
            for (var back = 1; _thrown is { } thrown && now != 0 && back <= Remembered; back++)
            {
                var (pointers, reference) = thrown[(_next - back) & (Remembered - 1)];
                if (pointers == now && reference.TryGetTarget(out var exception))
                {
                    return exception;
                }
            }

            return null;
        }
    }

    /// <summary>Called when an exception is thrown, on the thread that throws it.</summary>
    public static void Thrown(Exception exception)
    {
        _thrown ??= new (nint, WeakReference<Exception>)[Remembered];
        ref var entry = ref _thrown[_next++ & (Remembered - 1)];
        entry.Pointers = Mark();
        if (entry.Exception is null)
        {
            entry.Exception = new WeakReference<Exception>(exception);
        }
        else
        {
            entry.Exception.SetTarget(exception);
        }
    }

    private static bool TryMark(out nint mark)
    {
        try
        {
            mark = Marshal.GetExceptionPointers();
            return true;
        }
        catch (PlatformNotSupportedException)
        {
            mark = 0;
            return false;
        }
    }
}
