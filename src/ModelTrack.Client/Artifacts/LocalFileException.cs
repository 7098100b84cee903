using System.Runtime.ExceptionServices;

namespace ModelTrack.Client;

/// <summary>
/// A local file failed in the middle of a transfer. It is no <see cref="IOException"/> on its way up, because those are taken for the
/// network's and tried again; where the transfer ends its cause is thrown instead.
/// </summary>
internal sealed class LocalFileException(Exception cause) : Exception(cause.Message, cause)
{
    public static bool IsLocal(Exception exception) => exception is IOException or UnauthorizedAccessException;

    public static T Guard<T>(Func<T> use)
    {
        try
        {
            return use();
        }
        catch (Exception e) when (IsLocal(e))
        {
            throw new LocalFileException(e);
        }
    }

    public void ThrowCause() => ExceptionDispatchInfo.Throw(InnerException!);
}
