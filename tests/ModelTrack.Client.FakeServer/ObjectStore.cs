using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using ModelTrack.Client.Fakes.Wire;

namespace ModelTrack.Client.Fakes;

/// <summary>
/// Where the artifacts lie when they are in an object store, at a port of its own: it takes parts of uploads and gives out objects at
/// signed addresses, and nothing that was not signed. It refuses requests with credentials in a header, as S3 does.
/// </summary>
internal sealed class ObjectStore(Func<Uri> url, int minimumPartSize)
{
    private const string Root = "/bkt/root/";

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly ConcurrentDictionary<string, SortedDictionary<int, (byte[] Content, string ETag)>> _uploads = new();
    private readonly ConcurrentQueue<string> _refusals = new();

    /// <summary>Why requests were refused.</summary>
    public IReadOnlyCollection<string> Refusals => _refusals;

    /// <summary>How many uploads were neither completed nor aborted.</summary>
    public int OpenUploads => _uploads.Count;

    public string Begin()
    {
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(28));
        _uploads[id] = [];
        return id;
    }

    public string SignPart(string path, string uploadId, int part)
        => Sign(path, string.Create(CultureInfo.InvariantCulture, $"partNumber={part}&uploadId={uploadId}&"));

    public string SignDownload(string path) => Sign(path, "");

    /// <summary>Puts the parts together.</summary>
    public byte[] Complete(string uploadId, IReadOnlyList<(long Number, string ETag)> parts)
    {
        if (!_uploads.TryGetValue(uploadId, out var stored))
        {
            throw new ServerCrashException("NoSuchUpload");
        }

        using var content = new MemoryStream();
        long last = 0;
        foreach (var (number, etag) in parts)
        {
            if (number <= last || !stored.TryGetValue((int)number, out var part) || part.ETag.Trim('"') != etag.Trim('"'))
            {
                throw new ServerCrashException(number <= last ? "InvalidPartOrder" : "InvalidPart");
            }

            if (number != parts[^1].Number && part.Content.Length < minimumPartSize)
            {
                throw new ServerCrashException("EntityTooSmall");
            }

            content.Write(part.Content);
            last = number;
        }

        _uploads.TryRemove(uploadId, out _);
        return parts.Count > 0 ? content.ToArray() : throw new ServerCrashException("MalformedXML");
    }

    public void Abort(string uploadId)
    {
        if (!_uploads.TryRemove(uploadId, out _))
        {
            throw new ServerCrashException("NoSuchUpload");
        }
    }

    public FakeAnswer Answer(HttpRequest request, string target, byte[] body, FakeState state)
    {
        if (request.Headers.ContainsKey("Authorization"))
        {
            return Refuse(400, "InvalidArgument", "Only one auth mechanism allowed");
        }

        if (!IsSigned(target))
        {
            return Refuse(403, "SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided.");
        }

        var path = Uri.UnescapeDataString(target.Split('?')[0])[Root.Length..];
        return request.Method switch
        {
            "PUT" => StorePart(request, body),
            "GET" => Download(request, path, state),
            _ => Refuse(405, "MethodNotAllowed", "The specified method is not allowed against this resource."),
        };
    }

    private static FakeAnswer Download(HttpRequest request, string path, FakeState state)
    {
        byte[]? content;
        lock (state.Gate)
        {
            state.ArtifactStore.TryGetValue(path, out content);
        }

        if (content is null)
        {
            return Error(404, "NoSuchKey", "The specified key does not exist.");
        }

        var answer = new FakeAnswer(200, "application/octet-stream", content);
        if (request.GetTypedHeaders().Range?.Ranges.FirstOrDefault() is not { } range)
        {
            return answer;
        }

        var from = range.From ?? Math.Max(0, content.Length - range.To!.Value);
        var to = range.From is null ? content.Length - 1 : Math.Min(range.To ?? long.MaxValue, content.Length - 1);
        return from >= content.Length
            ? Error(416, "InvalidRange", "The requested range is not satisfiable")
            : answer with
            {
                Status = 206,
                Body = content.AsMemory((int)from, (int)(to - from + 1)),
                Headers = new Dictionary<string, string> { ["Content-Range"] = $"bytes {from}-{to}/{content.Length}" },
            };
    }

    private static FakeAnswer Error(int status, string code, string message) => FakeAnswer.Text(
        status,
        $"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>",
        "application/xml");

    private FakeAnswer StorePart(HttpRequest request, byte[] body)
    {
        var (id, number) = (request.Query["uploadId"].ToString(), request.Query["partNumber"].ToString());
        if (!_uploads.TryGetValue(id, out var parts))
        {
            return Error(404, "NoSuchUpload", "The specified multipart upload does not exist.");
        }

#pragma warning disable CA5351 // The tag of a part is its MD5.
        var etag = $"\"{Convert.ToHexStringLower(MD5.HashData(body))}\"";
#pragma warning restore CA5351
        lock (parts)
        {
            parts[int.Parse(number, CultureInfo.InvariantCulture)] = (body, etag);
        }

        return new FakeAnswer(200, "application/xml", ReadOnlyMemory<byte>.Empty)
        {
            Headers = new Dictionary<string, string> { ["ETag"] = etag },
        };
    }

    private FakeAnswer Refuse(int status, string code, string message)
    {
        _refusals.Enqueue(code);
        return Error(status, code, message);
    }

    private string Sign(string path, string query)
    {
        var unsigned = $"{Root}{string.Join('/', path.Split('/').Select(Uri.EscapeDataString))}?{query}X-Amz-Algorithm=AWS4-HMAC-SHA256"
            + "&X-Amz-Credential=testing%2F20260101%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Expires=3600&X-Amz-SignedHeaders=host"
            + "&X-Amz-Signature=";
        return url().GetLeftPart(UriPartial.Authority) + unsigned + Signature(unsigned);
    }

    private bool IsSigned(string target)
    {
        var end = target.LastIndexOf('=') + 1;
        return target.StartsWith(Root, StringComparison.Ordinal) && Signature(target[..end]) == target[end..];
    }

    private string Signature(string text) => Convert.ToHexStringLower(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(text)));
}
