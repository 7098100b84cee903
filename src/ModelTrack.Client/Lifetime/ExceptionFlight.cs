using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ModelTrack.Client.Lifetime;

/// <summary>
/// Tells whether an exception is passing through the calling code. On CoreCLR the exception pointers of a thread change while a `finally`
/// or a `using` runs because of an exception; where the runtime does not say (native AOT, and after an `await` in a `finally`), nothing
/// is in flight as far as this class knows.
/// <para>
/// The pointers alone say too much: an async method whose awaited call fails goes on inside the `catch` block in which that call's state
/// machine has put the exception into its task. The exception there has been caught, and has come to the method by being thrown anew,
/// with pointers of its own. So an exception passes through only if two more things hold. It has not been thrown again, on top of the
/// `catch` block that surrounds us, since it got the pointers that are now the thread's. And going up the stack the first method that it
/// went through comes before the first continuation of a task: what a continuation runs was not called by the block it runs in.
/// </para>
/// <para>
/// What cannot be told: clean-up code that throws the exception in flight again and swallows it (it waits for the same failed task, say)
/// hides it; and a method that awaits itself, without a look at how that ended, is taken for the one that failed.
/// </para>
/// </summary>
internal static class ExceptionFlight
{
    /// <summary>
    /// How many of the exceptions thrown last on a thread are known. One in flight is as a rule the very last: before it come only those
    /// that were thrown and caught by what cleaned up on its way.
    /// </summary>
    private const int Remembered = 32;

    [ThreadStatic]
    private static (nint Pointers, WeakReference<Exception> Exception)[]? _thrown;

    [ThreadStatic]
    private static int _next;

    /// <summary>Whether the runtime tells at all. Where it does not it must not be asked: its answer is an exception, of which we are told again.</summary>
    public static bool IsKnown { get; } = RuntimeFeature.IsDynamicCodeSupported && TryMark(out _);

    /// <summary>The state to compare with later: that of an ordinary moment, or of the `catch` block that the caller is in.</summary>
    public static nint Mark() => IsKnown && TryMark(out var mark) ? mark : 0;

    /// <summary>The exception that is passing through the caller and was not there at the mark; null when there is none.</summary>
    public static Exception? Since(nint mark)
        => Mark() is var now && now != 0 && now != mark && TopMost(now) is { } exception && MayHavePassedThroughCaller(exception) ? exception : null;

    /// <summary>Where stacks cannot be read (no handle is left to load what reads them) it is taken to have: one is in flight, after all.</summary>
    private static bool MayHavePassedThroughCaller(Exception exception)
    {
        try
        {
            return PassedThroughCaller(exception);
        }
        catch (Exception e) when (e is FileNotFoundException or FileLoadException)
        {
            return true;
        }
    }

    /// <summary>Called when an exception is thrown, on the thread that throws it.</summary>
    public static void Thrown(Exception exception)
    {
        if (!IsKnown)
        {
            return;
        }

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

    /// <summary>
    /// The exception that has these pointers, unless it was thrown again since. Not simply the one thrown last: code that cleans up on its
    /// way may have thrown and caught others.
    /// </summary>
    private static Exception? TopMost(nint pointers)
    {
        var later = new List<Exception>();
        for (var back = 1; _thrown is { } thrown && back <= Remembered; back++)
        {
            var (its, reference) = thrown[(_next - back) & (Remembered - 1)];
            if (reference is null || !reference.TryGetTarget(out var exception))
            {
                continue;
            }

            if (its == pointers)
            {
                return later.Contains(exception, ReferenceEqualityComparer.Instance) ? null : exception;
            }

            later.Add(exception);
        }

        return null;
    }

    private static bool PassedThroughCaller(Exception exception)
    {
        var passed = MethodsOf(new StackTrace(exception, fNeedFileInfo: false)).ToList();
        var nearest = MethodsOf(new StackTrace(fNeedFileInfo: false)).FirstOrDefault(
            method => RunsContinuations(method) || passed.Exists(other => AreSame(method, other)));
        return nearest is not null && !RunsContinuations(nearest);
    }

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "A method that runs is there; only its token and its type's name are read.")]
    private static IEnumerable<MethodBase> MethodsOf(StackTrace trace) => trace.GetFrames().Select(frame => frame.GetMethod()).OfType<MethodBase>();

    /// <summary>Whether it is the machinery that completes a task and runs what waited for it; an async method's start is not.</summary>
    private static bool RunsContinuations(MethodBase method)
    {
        var type = method.DeclaringType;
        while (type?.DeclaringType is { } outer)
        {
            type = outer;
        }

        return type is not null && type.Assembly == typeof(object).Assembly && type.Namespace switch
        {
            "System.Threading.Tasks" or "System.Threading.Tasks.Sources" => true,
            "System.Runtime.CompilerServices" => method.Name != nameof(AsyncTaskMethodBuilder.Start),
            _ => type == typeof(ExecutionContext),
        };
    }

    /// <summary>Instances of one generic method are the same; a method made at run time has no token.</summary>
    private static bool AreSame(MethodBase one, MethodBase other)
        => one.Equals(other)
            || (one.DeclaringType is not null && other.DeclaringType is not null && one.Module == other.Module && one.MetadataToken == other.MetadataToken);

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
