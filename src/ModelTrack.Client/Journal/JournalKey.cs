using System.Text;

namespace ModelTrack.Client.Journal;

/// <summary>A metric key and its number in the journal.</summary>
internal sealed class JournalKey(int number, string text)
{
    public int Number => number;

    public byte[] Utf8 { get; } = Encoding.UTF8.GetBytes(text);

    /// <summary>The number of the latest segment that says the key.</summary>
    public int DeclaredIn { get; set; }

    public int RecordSize => RecordLayout.Align(RecordLayout.HeaderSize + sizeof(int) + Utf8.Length);
}
