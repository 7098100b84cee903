using System.Runtime.InteropServices;
using System.Text;

namespace ModelTrack.Client.Backends.Files;

/// <summary>Stores tags: a file each, the value as it is, no line end. The last of several records of a key counts.</summary>
internal sealed class TagFiles(string ownerFolder, TempFile temp)
{
    private readonly string _folder = FileLayout.Tags(ownerFolder);

    /// <exception cref="IOException">To be tried again as it is.</exception>
    public void Store(List<TagRecord> records, List<RecordRefusal> refusals)
    {
        if (records.Count == 0)
        {
            return;
        }

        Directory.CreateDirectory(_folder);
        var last = new Dictionary<string, int>(records.Count, StringComparer.Ordinal);
        for (var i = 0; i < records.Count; i++)
        {
            last[records[i].Key] = i;
        }

        var span = CollectionsMarshal.AsSpan(records);
        for (var i = 0; i < span.Length; i++)
        {
            if (last[span[i].Key] == i && Store(span[i]) is { } reason)
            {
                refusals.Add(new RecordRefusal(BatchPart.Tag, i, $"Tag '{span[i].Key}' cannot be stored: {reason}."));
            }
        }
    }

    private string? Store(TagRecord tag)
    {
        if (KeyPath.Refusal(tag.Key) is { } illegal)
        {
            return illegal;
        }

        var path = KeyPath.Of(_folder, tag.Key);
        try
        {
            if (tag.Value is null)
            {
                Delete(tag.Key, path);
            }
            else
            {
                Set(tag.Key, path, Encoding.UTF8.GetBytes(tag.Value));
            }

            return null;
        }
        catch (Exception e) when (KeyPath.Conflict(_folder, tag.Key, e) is { } conflict)
        {
            return conflict;
        }
    }

    private void Set(string key, string path, byte[] value)
    {
        // A look is much cheaper than a rename over a file, for which some file systems wait for the disk.
        if (File.Exists(path) && File.ReadAllBytes(path).AsSpan().SequenceEqual(value))
        {
            return;
        }

        KeyPath.CreateParent(_folder, key);
        temp.Write(value);
        temp.MoveOver(path);
    }

    private void Delete(string key, string path)
    {
        if (!File.Exists(path))
        {
            return;
        }

        File.Delete(path);

        // A folder that stayed would keep its name from ever being a key. Only empty ones go: removing refuses others by itself.
        for (var end = key.LastIndexOf('/'); end > 0; end = key.LastIndexOf('/', end - 1))
        {
            try
            {
                Directory.Delete(KeyPath.Of(_folder, key[..end]));
            }
            catch (IOException)
            {
                return;
            }
        }
    }
}
