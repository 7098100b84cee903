namespace ModelTrack.Client.Backends;

internal static class ViewTypeExtensions
{
    public static bool Includes(this ViewType view, LifecycleStage stage)
        => view == ViewType.All || (view == ViewType.DeletedOnly) == (stage == LifecycleStage.Deleted);
}
