using System.Globalization;

namespace ModelTrack.Client;

/// <summary>Reads those parts of an ONNX <c>ModelProto</c> that say what the graph takes and gives and where its weights are.</summary>
internal sealed class OnnxReader(ProtobufReader reader)
{
    /// <summary>How deep graphs may lie in each other, and how many names of one kind there may be.</summary>
    private const int MaxDepth = 32;
    private const int MaxNames = 1_000_000;
    private const int MaxDimensions = 256;

    private readonly Dictionary<string, long> _opsets = new(StringComparer.Ordinal);
    private readonly List<OnnxTensor> _inputs = [];
    private readonly List<OnnxTensor> _outputs = [];
    private readonly HashSet<string> _values = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _externalFiles = new(StringComparer.Ordinal);

    public OnnxGraph Read()
    {
        long irVersion = 0;
        var hasGraph = false;
        while (reader.TryReadField(reader.End, out var field, out var wireType))
        {
            switch (field)
            {
                case 1:
                    irVersion = reader.ReadInteger(reader.End, wireType);
                    break;
                case 7:
                    hasGraph = true;
                    ReadGraph(reader.ReadEnd(reader.End, wireType), isMain: true, 0);
                    break;
                case 8:
                    ReadOpset(reader.ReadEnd(reader.End, wireType));
                    break;
                case 25:
                    // A function: its nodes can have tensors.
                    ReadFunction(reader.ReadEnd(reader.End, wireType));
                    break;
                default:
                    reader.Skip(reader.End, wireType);
                    break;
            }
        }

        if (irVersion <= 0 || !hasGraph || _opsets.Count == 0)
        {
            throw new InvalidDataException(
                $"it has no {(irVersion <= 0 ? "version of the format" : hasGraph ? "versions of the operators" : "graph")}");
        }

        CheckNames(_inputs, "inputs");
        CheckNames(_outputs, "outputs");
        return new OnnxGraph(
            irVersion,
            _opsets.AsReadOnly(),
            _inputs.Where(input => !_values.Contains(input.Name)).ToArray().AsReadOnly(),
            _outputs.AsReadOnly(),
            _externalFiles.ToArray().AsReadOnly());
    }

    private void ReadOpset(long end)
    {
        var domain = "";
        long version = 0;
        while (reader.TryReadField(end, out var field, out var wireType))
        {
            switch (field)
            {
                case 1: domain = reader.ReadText(end, wireType); break;
                case 2: version = reader.ReadInteger(end, wireType); break;
                default: reader.Skip(end, wireType); break;
            }
        }

        _opsets[domain] = version;
        CheckCount(_opsets.Count, "versions of operators");
    }

    private void ReadFunction(long end)
    {
        while (reader.TryReadField(end, out var field, out var wireType))
        {
            if (field == 7)
            {
                ReadNode(reader.ReadEnd(end, wireType), 0);
            }
            else
            {
                reader.Skip(end, wireType);
            }
        }
    }

    private void ReadGraph(long end, bool isMain, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new InvalidDataException($"graphs are nested more than {MaxDepth} levels deep");
        }

        while (reader.TryReadField(end, out var field, out var wireType))
        {
            switch (field)
            {
                case 1:
                    ReadNode(reader.ReadEnd(end, wireType), depth);
                    break;
                case 5:
                    AddValue(ReadTensor(reader.ReadEnd(end, wireType)), isMain);
                    break;
                case 11 when isMain:
                    _inputs.Add(ReadValueInfo(reader.ReadEnd(end, wireType)));
                    CheckCount(_inputs.Count, "inputs");
                    break;
                case 12 when isMain:
                    _outputs.Add(ReadValueInfo(reader.ReadEnd(end, wireType)));
                    CheckCount(_outputs.Count, "outputs");
                    break;
                case 15:
                    AddValue(ReadSparseTensor(reader.ReadEnd(end, wireType)), isMain);
                    break;
                default:
                    reader.Skip(end, wireType);
                    break;
            }
        }
    }

    private void AddValue(string name, bool isMain)
    {
        if (isMain)
        {
            _values.Add(name);
            CheckCount(_values.Count, "weights");
        }
    }

    private void ReadNode(long end, int depth)
    {
        while (reader.TryReadField(end, out var field, out var wireType))
        {
            if (field == 5)
            {
                ReadAttribute(reader.ReadEnd(end, wireType), depth);
            }
            else
            {
                reader.Skip(end, wireType);
            }
        }
    }

    private void ReadAttribute(long end, int depth)
    {
        while (reader.TryReadField(end, out var field, out var wireType))
        {
            switch (field)
            {
                case 5 or 10:
                    ReadTensor(reader.ReadEnd(end, wireType));
                    break;
                case 6 or 11:
                    ReadGraph(reader.ReadEnd(end, wireType), isMain: false, depth + 1);
                    break;
                case 22 or 23:
                    ReadSparseTensor(reader.ReadEnd(end, wireType));
                    break;
                default:
                    reader.Skip(end, wireType);
                    break;
            }
        }
    }

    private string ReadSparseTensor(long end)
    {
        var name = "";
        while (reader.TryReadField(end, out var field, out var wireType))
        {
            switch (field)
            {
                case 1: name = ReadTensor(reader.ReadEnd(end, wireType)); break;
                case 2: ReadTensor(reader.ReadEnd(end, wireType)); break;
                default: reader.Skip(end, wireType); break;
            }
        }

        return name;
    }

    /// <summary>Reads a tensor without its content and returns its name.</summary>
    private string ReadTensor(long end)
    {
        var name = "";
        while (reader.TryReadField(end, out var field, out var wireType))
        {
            switch (field)
            {
                case 8: name = reader.ReadText(end, wireType); break;
                case 13: ReadExternalData(reader.ReadEnd(end, wireType)); break;
                default: reader.Skip(end, wireType); break;
            }
        }

        return name;
    }

    private void ReadExternalData(long end)
    {
        var (key, value) = ("", "");
        while (reader.TryReadField(end, out var field, out var wireType))
        {
            switch (field)
            {
                case 1: key = reader.ReadText(end, wireType); break;
                case 2: value = reader.ReadText(end, wireType); break;
                default: reader.Skip(end, wireType); break;
            }
        }

        if (key != "location")
        {
            return;
        }

        if (value.StartsWith("./", StringComparison.Ordinal))
        {
            value = value[2..];
        }

        if (ArtifactPath.FindReadingFault(value) is { } fault)
        {
            throw new InvalidDataException($"it has weights in the file {Excerpt.Of(value)}, which cannot be one beside it: {fault}");
        }

        _externalFiles.Add(value);
        CheckCount(_externalFiles.Count, "files of weights");
    }

    private OnnxTensor ReadValueInfo(long end)
    {
        var tensor = new OnnxTensor("", null, null);
        while (reader.TryReadField(end, out var field, out var wireType))
        {
            switch (field)
            {
                case 1: tensor = tensor with { Name = reader.ReadText(end, wireType) }; break;
                case 2: tensor = ReadType(reader.ReadEnd(end, wireType), tensor); break;
                default: reader.Skip(end, wireType); break;
            }
        }

        return tensor.Name.Length > 0 ? tensor : throw new InvalidDataException("an input or output has no name");
    }

    private OnnxTensor ReadType(long end, OnnxTensor tensor)
    {
        while (reader.TryReadField(end, out var field, out var wireType))
        {
            if (field == 1)
            {
                tensor = ReadTensorType(reader.ReadEnd(end, wireType), tensor);
            }
            else
            {
                reader.Skip(end, wireType);
            }
        }

        return tensor;
    }

    private OnnxTensor ReadTensorType(long end, OnnxTensor tensor)
    {
        while (reader.TryReadField(end, out var field, out var wireType))
        {
            switch (field)
            {
                case 1: tensor = tensor with { ElementType = NumpyName(reader.ReadInteger(end, wireType)) }; break;
                case 2: tensor = tensor with { Shape = ReadShape(reader.ReadEnd(end, wireType)) }; break;
                default: reader.Skip(end, wireType); break;
            }
        }

        return tensor;
    }

    private System.Collections.ObjectModel.ReadOnlyCollection<long> ReadShape(long end)
    {
        var shape = new List<long>();
        while (reader.TryReadField(end, out var field, out var wireType))
        {
            if (field != 1)
            {
                reader.Skip(end, wireType);
                continue;
            }

            shape.Add(ReadDimension(reader.ReadEnd(end, wireType)));
            if (shape.Count > MaxDimensions)
            {
                throw new InvalidDataException($"a tensor has more than {MaxDimensions} dimensions");
            }
        }

        return shape.AsReadOnly();
    }

    /// <summary>A dimension that has a name, or says nothing, is of any size.</summary>
    private long ReadDimension(long end)
    {
        long size = -1;
        while (reader.TryReadField(end, out var field, out var wireType))
        {
            if (field == 1)
            {
                size = Math.Max(-1, reader.ReadInteger(end, wireType));
            }
            else
            {
                reader.Skip(end, wireType);
            }
        }

        return size;
    }

    private static void CheckNames(List<OnnxTensor> tensors, string what)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        if (tensors.Find(tensor => !names.Add(tensor.Name)) is { } twice)
        {
            throw new InvalidDataException($"it has two {what} {Excerpt.Of(twice.Name)}");
        }
    }

    private static void CheckCount(int count, string what)
    {
        if (count > MaxNames)
        {
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"it has more than {MaxNames} {what}"));
        }
    }

    private static string? NumpyName(long onnxType) => onnxType switch
    {
        1 => "float32",
        2 => "uint8",
        3 => "int8",
        4 => "uint16",
        5 => "int16",
        6 => "int32",
        7 => "int64",
        8 => "str",
        9 => "bool",
        10 => "float16",
        11 => "float64",
        12 => "uint32",
        13 => "uint64",
        14 => "complex64",
        15 => "complex128",
        _ => null,
    };
}
