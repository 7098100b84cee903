using ModelTrack.Client.Fuzz.Running;

namespace ModelTrack.Client.Fuzz.Targets;

/// <summary>An ONNX file: a graph, or an <see cref="InvalidDataException"/>. The files that it names are beside it.</summary>
internal sealed class OnnxTarget : FuzzTarget
{
    public override string Name => "onnx";

    public override int ShortCount => 15_000;

    public override IEnumerable<byte[]> Seeds() => SeedFiles.Fixtures("*.onnx").Concat(SeedFiles.Kept(Name));

    public override Outcome Read(byte[] input)
    {
        OnnxGraph graph;
        try
        {
            using var content = new MemoryStream(input, writable: false);
            graph = new OnnxReader(new ProtobufReader(content)).Read();
        }
        catch (InvalidDataException e)
        {
            return new Outcome(e.Message.StartsWith("byte 1 ", StringComparison.Ordinal) ? Depth.Refused : Depth.Partial, ShapeOf(e));
        }

        graph.ExternalFiles.ToList().ForEach(PathTarget.CheckInside);
        if (graph.ToSignature() is { } signature && (signature.Inputs?.ToJson(), signature.Outputs?.ToJson()) is var (inputs, outputs)
            && ModelSignature.FromJson(inputs, outputs) is var again
            && (again.Inputs?.ToJson() != inputs || again.Outputs?.ToJson() != outputs))
        {
            throw new FindingException("Its signature, written and read again, is another one.");
        }

        return new Outcome(Depth.Read, $"{graph.Inputs.Count} {graph.Outputs.Count} {graph.Opsets.Count} {graph.ExternalFiles.Count} {graph.Inputs.Count(input => input.Shape is null)}");
    }
}
