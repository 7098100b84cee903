using System.Text;

namespace ModelTrack.Client.Backends.Files;

/// <summary>Stores params: a file each, the value as it is, no line end. A param that has a value keeps it.</summary>
internal sealed class ParamFiles(string runFolder, TempFile temp)
{
    private readonly string _folder = FileLayout.Params(runFolder);

    /// <exception cref="IOException">To be tried again as it is.</exception>
    public void Store(List<ParamRecord> records, List<RecordRefusal> refusals)
    {
        if (records.Count > 0)
        {
            Directory.CreateDirectory(_folder);
        }

        for (var i = 0; i < records.Count; i++)
        {
            if (Store(records[i]) is { } reason)
            {
                refusals.Add(new RecordRefusal(BatchPart.Param, i, reason));
            }
        }
    }

    private string? Store(ParamRecord param)
    {
        if (KeyPath.Refusal(param.Key) is { } illegal)
        {
            return Refusal(param.Key, illegal);
        }

        var path = KeyPath.Of(_folder, param.Key);
        var value = Encoding.UTF8.GetBytes(param.Value);
        try
        {
            return File.Exists(path) || !TryCreate(param.Key, path, value) ? Compare(param, File.ReadAllBytes(path), value) : null;
        }
        catch (Exception e) when (KeyPath.Conflict(_folder, param.Key, e) is { } conflict)
        {
            return Refusal(param.Key, conflict);
        }
    }

    /// <summary>By a temporary file even where there is none yet: an empty param, seen or left behind, would be a value for good.</summary>
    private bool TryCreate(string key, string path, byte[] value)
    {
        KeyPath.CreateParent(_folder, key);
        temp.Write(value);
        return temp.TryMoveToNew(path);
    }

    private static string? Compare(ParamRecord param, byte[] stored, byte[] value)
        => stored.AsSpan().SequenceEqual(value)
            ? null
            : Refusals.ParamConflict(param.Key, Encoding.UTF8.GetString(stored), param.Value);

    private static string Refusal(string key, string reason) => $"Param '{key}' cannot be stored: {reason}.";
}
