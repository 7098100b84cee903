namespace ModelTrack.Client.Fakes.Wire;

/// <summary>A request's fields as they were read. A field that is not there reads as the default of its type.</summary>
internal sealed class Message(MessageType type)
{
    private readonly object?[] _values = new object?[type.Fields.Length];

    public MessageType Type { get; } = type;

    public object? this[int field]
    {
        get => _values[field];
        set => _values[field] = value;
    }

    public bool Has(string name) => _values[Type.IndexOf(name)] is not null;

    public string Text(string name) => _values[Type.IndexOf(name)] as string ?? "";

    /// <summary>The text, or null when it is not there or empty.</summary>
    public string? TextOrNull(string name) => Text(name) is { Length: > 0 } text ? text : null;

    public long Integer(string name) => _values[Type.IndexOf(name)] as long? ?? 0;

    public double Number(string name) => _values[Type.IndexOf(name)] as double? ?? 0;

    public bool Flag(string name) => _values[Type.IndexOf(name)] as bool? ?? false;

    /// <summary>The number of an enumeration's value, or null.</summary>
    public int? Enumeration(string name) => _values[Type.IndexOf(name)] as int?;

    public IReadOnlyList<string> Texts(string name) => _values[Type.IndexOf(name)] as List<string> ?? [];

    public Message? One(string name) => _values[Type.IndexOf(name)] as Message;

    public IReadOnlyList<Message> Many(string name) => _values[Type.IndexOf(name)] as List<Message> ?? [];
}
