using ModelTrack.Client.Journal;

namespace ModelTrack.Client.Fuzz.Mutation;

/// <summary>Changes a journal: its files, the records of a segment, the bytes of a record (with checksums that are right), or any bytes.</summary>
internal sealed class JournalMutator(Random random)
{
    private static readonly string[] Words =
    [
        "\"RunId\":", "\"Session\":", "\"Plan\":", "\"Name\":", "\"Tags\":{}", "\"Boot\":", "\"Destination\":", "\"Machine\":", "\"CreatedAt\":",
        "null", "{\"Session\":null}", "\"Files\":[null]", "\"File\":\"../../../x\"", "\"IsToBeResumed\":true", "\"ExperimentName\":null",
    ];

    private static readonly string[] Names =
    [
        "00000001.segment", "00000002.segment", "99999999.segment", "0.note", "1.note", "00000001.artifact", ".segment", "1.segment", "rejected.jsonl",
    ];

    private readonly Mutator _mutator = new(random, Words);

    public byte[] Mutate(IReadOnlyList<byte[]> pool)
    {
        if (random.Next(20) == 0)
        {
            return _mutator.Mutate(pool);
        }

        var files = FilePack.Unpack(pool[random.Next(pool.Count)]);
        if (files.Count == 0 || random.Next(12) == 0)
        {
            files.Add((Names[random.Next(Names.Length)], files.Count == 0 ? [] : files[random.Next(files.Count)].Content));
        }

        var at = random.Next(files.Count);
        var (name, content) = files[at];
        var isSegment = name.EndsWith(".segment", StringComparison.Ordinal);
        files[at] = (name, random.Next(10) switch
        {
            < 8 when isSegment => SegmentBytes.Build(Change(SegmentBytes.Parse(content), pool), random.Next(3) * 32),
            _ => _mutator.Mutate([content]),
        });
        return FilePack.Pack(files);
    }

    private List<SegmentRecord> Change(List<SegmentRecord> records, IReadOnlyList<byte[]> pool)
    {
        for (var changes = random.Next(1, 6); changes > 0; changes--)
        {
            if (records.Count == 0)
            {
                break;
            }

            var at = random.Next(records.Count);
            var record = records[at];
            switch (random.Next(10))
            {
                case 0:
                    records.RemoveAt(at);
                    break;
                case 1:
                    records.Insert(random.Next(records.Count + 1), record);
                    break;
                case 2:
                    records[at] = records[random.Next(records.Count)];
                    break;
                case 3:
                    records[at] = record with { Kind = (RecordKind)random.Next(16) };
                    break;
                case 4:
                    records[at] = record with { Run = random.Next(4) == 0 ? random.Next() : random.Next(4) };
                    break;
                case 5:
                    records[at] = record with { Key = random.Next(3) == 0 ? record.Key + random.Next(-8, 9) : 1 << random.Next(31) };
                    break;
                case 6 when record.Kind is RecordKind.Run or RecordKind.Owner or RecordKind.Input or RecordKind.Key:
                    records[at] = ChangeText(record);
                    break;
                case 7:
                    AddFrom(records, FilePack.Unpack(pool[random.Next(pool.Count)]));
                    break;
                default:
                    var rest = record.Rest.ToArray();
                    _mutator.Overwrite(rest);
                    records[at] = record with { Rest = rest };
                    break;
            }
        }

        return records;
    }

    /// <summary>Another text in a record of its size: JSON that has become other JSON.</summary>
    private SegmentRecord ChangeText(SegmentRecord record)
    {
        var before = record.Kind == RecordKind.Run ? sizeof(long) : 0;
        if (record.Rest.Length < before + sizeof(int))
        {
            return record;
        }

        var length = Math.Clamp(BitConverter.ToInt32(record.Rest, before), 0, record.Rest.Length - before - sizeof(int));
        if (record.Kind == RecordKind.Input)
        {
            var keyLength = Math.Clamp(record.Key, 0, record.Rest.Length - sizeof(int));
            var key = record.Rest.AsSpan(sizeof(int), keyLength).ToArray();
            var json = _mutator.Mutate([record.Rest[(sizeof(int) + keyLength)..]]);
            var changed = SegmentBytes.Text(record.Kind, record.Run, keyLength, [.. key, .. json]);
            BitConverter.TryWriteBytes(changed.Rest, json.Length);
            return changed;
        }

        var text = record.Rest.AsSpan(before + sizeof(int), length).ToArray();
        return SegmentBytes.Text(record.Kind, record.Run, record.Key, _mutator.Mutate([text]));
    }

    private void AddFrom(List<SegmentRecord> records, List<(string Name, byte[] Content)> files)
    {
        var others = files.Where(file => file.Name.EndsWith(".segment", StringComparison.Ordinal)).ToList();
        if (others.Count > 0 && SegmentBytes.Parse(others[random.Next(others.Count)].Content) is { Count: > 0 } from)
        {
            var start = random.Next(from.Count);
            records.InsertRange(random.Next(records.Count + 1), from.Skip(start).Take(random.Next(1, 20)));
        }
    }
}
