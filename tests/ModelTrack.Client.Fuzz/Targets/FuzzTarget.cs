using ModelTrack.Client.Fuzz.Mutation;
using ModelTrack.Client.Fuzz.Running;

namespace ModelTrack.Client.Fuzz.Targets;

/// <summary>Something that reads what others wrote. One instance serves one run, on one thread.</summary>
internal abstract class FuzzTarget : IDisposable
{
    /// <summary>Memory that any input may take, however short: buffers, tables that are made once.</summary>
    public const int FreeBytes = 1 << 20;

    public abstract string Name { get; }

    /// <summary>How many inputs the short form gives it: about a second's.</summary>
    public abstract int ShortCount { get; }

    /// <summary>How many bytes of memory a byte of input may take.</summary>
    public virtual int BytesPerByte => 200;

    /// <summary>Words and signs of its language, which are put into inputs.</summary>
    protected virtual IReadOnlyList<string> Words => [];

    /// <summary>Inputs to begin from.</summary>
    public abstract IEnumerable<byte[]> Seeds();

    /// <summary>Makes an input.</summary>
    public virtual byte[] Next(Random random, IReadOnlyList<byte[]> pool) => new Mutator(random, Words).Mutate(pool);

    /// <summary>Reads an input. Whatever it throws is a finding.</summary>
    public abstract Outcome Read(byte[] input);

    public void Dispose() => Close();

    protected virtual void Close()
    {
    }

    /// <summary>The first words of a message, without those that come from the input.</summary>
    protected static string ShapeOf(Exception e)
    {
        var words = e.Message.Split(' ', 20).TakeWhile(word => !word.Contains('"') && !word.StartsWith('\'') && word != "Path:")
            .Where(word => word.Length < 20 && word.All(c => char.IsAsciiLetter(c) || c is '.' or ',')).Take(7);
        return $"{e.GetType().Name} {string.Join(' ', words)}";
    }
}
