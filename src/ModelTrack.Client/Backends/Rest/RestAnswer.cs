namespace ModelTrack.Client.Backends.Rest;

/// <summary>What a server answered: its body where that has been read, of an error the first 64 KiB.</summary>
internal sealed record RestAnswer(HttpResponseMessage Response, byte[] Body) : IDisposable
{
    public bool IsSuccess => Response.IsSuccessStatusCode;

    public void Dispose() => Response.Dispose();
}
