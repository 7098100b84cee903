using System.Text;

namespace ModelTrack.Client.Fakes.Wire;

/// <summary>A field of a request: how it is read, and what is checked of it.</summary>
internal sealed class Field
{
    private Field(string name, FieldKind kind, Check[] checks)
    {
        Name = name;
        Utf8Name = Encoding.UTF8.GetBytes(name);
        Kind = kind;
        Checks = checks;
    }

    public string Name { get; }

    public byte[] Utf8Name { get; }

    public FieldKind Kind { get; }

    public bool Repeated { get; private init; }

    /// <summary>The message of a field of kind <see cref="FieldKind.Message"/>.</summary>
    public MessageType? Message { get; private init; }

    /// <summary>The names of an enumeration; the number of a name is its place, counted from 1.</summary>
    public string[] EnumNames { get; private init; } = [];

    /// <summary>What has to hold, in this order.</summary>
    public Check[] Checks { get; }

    public static Field Text(string name, params Check[] checks) => new(name, FieldKind.Text, checks);

    public static Field Texts(string name, params Check[] checks) => new(name, FieldKind.Text, checks) { Repeated = true };

    public static Field Integer(string name, params Check[] checks) => new(name, FieldKind.Integer, checks);

    public static Field Number(string name, params Check[] checks) => new(name, FieldKind.Number, checks);

    public static Field Flag(string name, params Check[] checks) => new(name, FieldKind.Flag, checks);

    public static Field Enumeration(string name, string[] names, params Check[] checks)
        => new(name, FieldKind.Enumeration, checks) { EnumNames = names };

    public static Field One(string name, MessageType type, params Check[] checks)
        => new(name, FieldKind.Message, checks) { Message = type };

    public static Field Many(string name, MessageType type, params Check[] checks)
        => new(name, FieldKind.Message, checks) { Message = type, Repeated = true };
}
