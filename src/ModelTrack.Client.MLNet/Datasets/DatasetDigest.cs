using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Microsoft.ML;

namespace ModelTrack.Client.MLNet;

/// <summary>
/// A fingerprint of a data set as MLflow's own client makes one: eight hexadecimal digits over names and types of the columns, the values of
/// the first 10,000 rows, and the number of rows. The same data give the same digits on every machine.
/// </summary>
internal sealed class DatasetDigest : IDisposable
{
    public const int MaxRows = 10_000;

    private const int Digits = 8;

    [SuppressMessage("Security", "CA5351", Justification = "It tells data sets apart, and keeps no secret.")]
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.MD5);

    /// <summary>The digest, and how many rows there are: counted by a pass over the data where they do not say it.</summary>
    public static (string Digest, long Rows) Of(IDataView data)
    {
        using var digest = new DatasetDigest();
        var known = data.GetRowCount();
        var read = digest.AddRows(data);
        var rows = known ?? (read < MaxRows ? read : Count(data));
        digest.Add(rows);
        return (Convert.ToHexString(digest._hash.GetHashAndReset()).ToLowerInvariant()[..Digits], rows);
    }

    public void Add(ReadOnlySpan<byte> bytes) => _hash.AppendData(bytes);

    public void Add(string text)
    {
        Add(text.Length);
        Add(Encoding.UTF8.GetBytes(text));
    }

    public void Add(long number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        Add(bytes);
    }

    public void Dispose() => _hash.Dispose();

    private static long Count(IDataView data)
    {
        using var cursor = data.GetRowCursor([]);
        var rows = 0L;
        while (cursor.MoveNext())
        {
            rows++;
        }

        return rows;
    }

    private long AddRows(IDataView data)
    {
        var columns = SchemaTypes.Of(data.Schema).Select(column => column.Column).ToList();
        foreach (var column in columns)
        {
            Add(column.Name);
            Add(column.Type.ToString()!);
        }

        using var cursor = data.GetRowCursor(columns);
        var readers = columns.ConvertAll(column => ColumnHash.Of(cursor, column));
        var rows = 0L;
        while (rows < MaxRows && cursor.MoveNext())
        {
            rows++;
            foreach (var reader in readers)
            {
                reader.AddTo(this);
            }
        }

        return rows;
    }
}
