using Microsoft.Win32.SafeHandles;

namespace ModelTrack.Client.Journal;

/// <summary>
/// The files that append notes are written to. One is enough as a rule; a run whose append broke off keeps its slot until the same batch
/// has been tried again with success, and the others use further ones.
/// </summary>
internal sealed class NoteSlots(JournalFiles? files) : IDisposable
{
    private readonly List<(SafeFileHandle File, JournalRun? Keeper)> _slots = [];

    public void Write(JournalRun run, AppendNote note)
    {
        run.Note = note;
        if (files is null)
        {
            return;
        }

        var index = _slots.FindIndex(slot => slot.Keeper == run);
        if (index < 0)
        {
            index = _slots.FindIndex(slot => slot.Keeper is null);
        }

        if (index < 0)
        {
            // A dead journal has slots already, whose notes may still be needed: theirs are never written over.
            var number = _slots.Count;
            while (File.Exists(files.Note(number)))
            {
                number++;
            }

            _slots.Add((OwnerOnly.CreateFile(files.Note(number)), null));
            index = _slots.Count - 1;
        }

        RandomAccess.Write(_slots[index].File, note.ToBytes(), 0);
        _slots[index] = (_slots[index].File, run);
    }

    /// <summary>The run's batch is settled: its note means nothing any more.</summary>
    public void Free(JournalRun run)
    {
        run.Note = null;
        var index = _slots.FindIndex(slot => slot.Keeper == run);
        if (index >= 0)
        {
            _slots[index] = (_slots[index].File, null);
        }
    }

    public void Dispose()
    {
        foreach (var (file, _) in _slots)
        {
            file.Dispose();
        }
    }
}
