using System.Net;

namespace ModelTrack.Client.Backends.Rest;

/// <summary>A removal that was repeated after an unclear try finds nothing more to remove, which is what was wanted.</summary>
internal static class Removal
{
    public static async Task EnsureAsync(Task removal)
    {
        try
        {
            await removal.ConfigureAwait(false);
        }
        catch (ModelTrackException e) when (e is { StatusCode: HttpStatusCode.NotFound, MayBeApplied: true } && !RestErrors.IsMissingRoute(e))
        {
            // An earlier try did it.
        }
    }
}
