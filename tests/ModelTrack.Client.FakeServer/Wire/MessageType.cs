namespace ModelTrack.Client.Fakes.Wire;

/// <summary>The fields of a request or a part of one. Checks are made in the order of the fields.</summary>
internal sealed class MessageType(params Field[] fields)
{
    public Field[] Fields { get; } = fields;

    public int IndexOf(string name)
    {
        for (var i = 0; i < Fields.Length; i++)
        {
            if (Fields[i].Name == name)
            {
                return i;
            }
        }

        throw new ArgumentException($"The message has no field '{name}'.", nameof(name));
    }
}
