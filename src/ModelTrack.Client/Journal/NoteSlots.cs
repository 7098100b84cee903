using Microsoft.Win32.SafeHandles;

namespace ModelTrack.Client.Journal;

/// <summary>
/// The files that append notes are written to. One is enough as a rule; a run whose append broke off keeps its slot until the same batch
/// has been tried again with success, and the others use further ones. Safe for calls from several threads.
/// </summary>
internal sealed class NoteSlots(JournalFiles? files) : IDisposable
{
    private readonly List<(SafeFileHandle File, JournalRun? Keeper)> _slots = [];
    private readonly object _gate = new();

    /// <summary>Makes a note durable. A run's former note for the same records stays intact until this one is whole.</summary>
    /// <exception cref="IOException">It could not be written; only this process knows it.</exception>
    public void Write(JournalRun run, int segment, int from, int to, IReadOnlyDictionary<int, long> lengths)
    {
        var note = new AppendNote(segment, run.Number, from, to, (run.Note?.Sequence ?? 0) + 1, lengths);
        run.Note = note;
        if (files is null)
        {
            return;
        }

        lock (_gate)
        {
            var index = FreeSlot(files);
            RandomAccess.Write(_slots[index].File, note.ToBytes(), 0);
            FreeSlotOf(run);
            _slots[index] = (_slots[index].File, run);
        }
    }

    /// <summary>The run's batch is settled: its note means nothing any more.</summary>
    public void Free(JournalRun run)
    {
        run.Note = null;
        lock (_gate)
        {
            FreeSlotOf(run);
        }
    }

    public void Dispose()
    {
        foreach (var (file, _) in _slots)
        {
            file.Dispose();
        }
    }

    private void FreeSlotOf(JournalRun run)
    {
        var index = _slots.FindIndex(slot => slot.Keeper == run);
        if (index >= 0)
        {
            _slots[index] = (_slots[index].File, null);
        }
    }

    private int FreeSlot(JournalFiles journalFiles)
    {
        var index = _slots.FindIndex(slot => slot.Keeper is null);
        if (index >= 0)
        {
            return index;
        }

        // A dead journal has slots already, whose notes may still be needed: theirs are never written over.
        var number = _slots.Count;
        while (File.Exists(journalFiles.Note(number)))
        {
            number++;
        }

        _slots.Add((OwnerOnly.CreateFile(journalFiles.Note(number)), null));
        return _slots.Count - 1;
    }
}
