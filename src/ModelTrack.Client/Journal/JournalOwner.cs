using System.Buffers;
using System.Diagnostics;
using System.Text.Json;

namespace ModelTrack.Client.Journal;

/// <summary>Whose a journal is: the destination it is for and the process that wrote it. Written as the first record of each segment.</summary>
internal sealed record JournalOwner
{
    private static readonly Lazy<(string Machine, string Boot)> ThisMachine = new(() => (ReadMachine(), ReadBoot()));

    /// <summary>The tracking URI that the records are for, without user info.</summary>
    public required string Destination { get; init; }

    public required string Machine { get; init; }

    /// <summary>Changes with every start of the machine; empty where the system does not tell.</summary>
    public required string Boot { get; init; }

    public required int ProcessId { get; init; }

    /// <summary>In milliseconds since 1970; tells a process from a later one with the same id.</summary>
    public required long ProcessStart { get; init; }

    /// <summary>When the journal was made, in milliseconds since 1970.</summary>
    public required long CreatedAt { get; init; }

    /// <summary>A container gets a new name at each start; the boot id that it shares with its host tells that it is the same machine.</summary>
    public bool IsThisMachine => Machine == ThisMachine.Value.Machine || (Boot.Length > 0 && Boot == ThisMachine.Value.Boot);

    /// <summary>Whether the process lives. Asked only where locks cannot be trusted: elsewhere a free lock says that it does not.</summary>
    public bool IsAlive
    {
        get
        {
            if (!IsThisMachine || (Boot.Length > 0 && Boot != ThisMachine.Value.Boot))
            {
                return false;
            }

            try
            {
                using var process = Process.GetProcessById(ProcessId);
                return Math.Abs(StartOf(process) - ProcessStart) < 2000;
            }
            catch (Exception e) when (e is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
            {
                return false;
            }
        }
    }

    /// <summary>It is certain that the process is gone: this machine, which is not another container's, has none such.</summary>
    public bool IsKnownDead => Machine == ThisMachine.Value.Machine && !IsAlive;

    public static JournalOwner Create(string destination, TimeProvider clock)
    {
        using var process = Process.GetCurrentProcess();
        return new JournalOwner
        {
            Destination = destination,
            Machine = ThisMachine.Value.Machine,
            Boot = ThisMachine.Value.Boot,
            ProcessId = Environment.ProcessId,
            ProcessStart = StartOf(process),
            CreatedAt = clock.GetUtcNow().ToUnixTimeMilliseconds(),
        };
    }

    /// <summary>By hand: every tracker writes it, and the serializer's start would cost a program's first run some ten milliseconds.</summary>
    public byte[] ToJson()
    {
        var bytes = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString(nameof(Destination), Destination);
            json.WriteString(nameof(Machine), Machine);
            json.WriteString(nameof(Boot), Boot);
            json.WriteNumber(nameof(ProcessId), ProcessId);
            json.WriteNumber(nameof(ProcessStart), ProcessStart);
            json.WriteNumber(nameof(CreatedAt), CreatedAt);
            json.WriteEndObject();
        }

        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>Null when it does not begin with such a text; what comes after that is not looked at.</summary>
    public static JournalOwner? FromJson(ReadOnlySpan<byte> json)
    {
        try
        {
            // JSON's null passes for a required text.
            var reader = new Utf8JsonReader(json, isFinalBlock: false, default);
            return JsonSerializer.Deserialize(ref reader, JournalJson.Default.JournalOwner)
                is { Destination: not null, Machine: not null, Boot: not null } owner ? owner : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static long StartOf(Process process) => new DateTimeOffset(process.StartTime.ToUniversalTime()).ToUnixTimeMilliseconds();

    private static string ReadMachine()
        => ReadLine("/etc/machine-id") is { Length: > 0 } id ? id + "/" + Environment.MachineName : Environment.MachineName;

    private static string ReadBoot() => ReadLine("/proc/sys/kernel/random/boot_id") ?? "";

    private static string? ReadLine(string path)
    {
        try
        {
            return File.Exists(path) ? File.ReadAllText(path).Trim() : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
