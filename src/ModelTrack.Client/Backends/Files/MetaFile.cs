using ModelTrack.Client.Lifetime;

namespace ModelTrack.Client.Backends.Files;

/// <summary>The <c>meta.yaml</c> of a folder, on disk.</summary>
internal static class MetaFile
{
    private const int Tries = 5;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(120);
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(1);

    /// <exception cref="InvalidDataException">It is damaged, or being rewritten by MLflow, which does that in place.</exception>
    public static MetaYaml Read(string folder, FileScratch scratch) => MetaYaml.Parse(scratch.Read(FileLayout.Meta(folder)));

    /// <summary>Reads it, and waits about half a second for one that is being rewritten.</summary>
    /// <exception cref="InvalidDataException">It stays damaged.</exception>
    public static MetaYaml ReadPatiently(string folder, TimeProvider clock, CancellationToken cancellationToken)
        => Patiently(() =>
        {
            using var scratch = new FileScratch();
            return Read(folder, scratch);
        }, folder, clock, cancellationToken);

    public static T Patiently<T>(Func<T> read, string folder, TimeProvider clock, CancellationToken cancellationToken)
    {
        for (var left = Tries; ; left--)
        {
            try
            {
                return read();
            }
            catch (InvalidDataException) when (left > 1 && IsFresh(folder, clock))
            {
                Blocking.Pause(Pause, clock, cancellationToken);
            }
        }
    }

    /// <summary>Whether it was written so recently that somebody may be at it. An old damaged file is not worth a wait.</summary>
    public static bool IsFresh(string folder, TimeProvider clock)
        => (clock.GetUtcNow() - File.GetLastWriteTimeUtc(FileLayout.Meta(folder))).Duration() < Fresh;

    public static void Write(string folder, MetaYaml yaml) => AtomicFile.Replace(FileLayout.Meta(folder), yaml.ToUtf8(), folder);
}
