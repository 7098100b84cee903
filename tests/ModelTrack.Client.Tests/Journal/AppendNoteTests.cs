using ModelTrack.Client.Journal;

namespace ModelTrack.Client.Tests.Journal;

internal sealed class AppendNoteTests
{
    private static readonly AppendNote Note = new(3, 7, 64, 4096, 2, new Dictionary<int, long> { [1] = 0, [900_000] = 5_000_000_000 });

    [Test]
    public void A_note_reads_back_also_over_a_longer_one()
    {
        byte[] bytes = [.. Note.ToBytes(), .. new byte[40], 1, 2, 3];
        var read = AppendNote.FromBytes(bytes)!;
        Assert.That(read with { Lengths = Note.Lengths }, Is.EqualTo(Note));
        Assert.That(read.Lengths, Is.EqualTo(Note.Lengths));
    }

    [Test]
    public void A_torn_or_damaged_note_is_none()
    {
        var bytes = Note.ToBytes();
        for (var i = 0; i < bytes.Length; i++)
        {
            Assert.That(AppendNote.FromBytes(bytes.AsSpan(0, i)), Is.Null);
            byte[] damaged = [.. bytes];
            damaged[i] ^= 0x41;
            Assert.That(AppendNote.FromBytes(damaged), Is.Null);
        }
    }
}
