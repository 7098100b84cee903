using System.Text;

namespace ModelTrack.Client.Tests.Models;

internal sealed class OnnxGraphTests
{
    private ScratchFolder _scratch = null!;

    [SetUp]
    public void MakeFolder() => _scratch = new ScratchFolder();

    [TearDown]
    public void RemoveFolder() => _scratch.Dispose();

    private OnnxGraph Load(byte[] content)
    {
        File.WriteAllBytes(_scratch["m.onnx"], content);
        return OnnxGraph.Load(_scratch["m.onnx"]);
    }

    [Test]
    public void The_signature_is_the_one_that_MLflow_has_for_the_same_file()
    {
        var graph = OnnxGraph.Load(ModelFixture.PathOf("onnx-linear", "model.onnx"));
        Assert.That(graph.ToSignature(), Is.EqualTo(ModelManifest.Load(ModelFixture.PathOf("onnx-linear")).Signature));
        Assert.That(graph.IrVersion, Is.EqualTo(7));
        Assert.That(graph.Opsets[""], Is.EqualTo(13));
        Assert.That(graph.ExternalFiles, Is.Empty);
    }

    [Test]
    public void Inputs_that_have_a_value_in_the_file_are_none()
    {
        var graph = Load(Model(Graph(
            Field(11, Value("x", 1, -1, 3)), Field(11, Value("w", 1, 3)), Field(5, Tensor("w")), Field(12, Value("y", 7)), Field(12, Value("z", 8, 2)))));
        Assert.That(graph.Inputs.Select(input => input.Name), Is.EqualTo(["x"]));
        Assert.That(graph.ToSignature(), Is.EqualTo(new ModelSignature(
            new ModelSchema(new TensorSpec("float32", [-1, 3], "x")),
            new ModelSchema(new TensorSpec("int64", [], "y"), new TensorSpec("str", [2], "z")))));
    }

    [Test]
    public void A_side_that_MLflow_cannot_describe_is_left_out()
    {
        var sequence = Field(12, Text(1, "y"), Field(2, Field(4, Field(1, Field(1, Number(1, 1))))));
        Assert.That(Load(Model(Graph(Field(11, Value("x", 1, 2)), sequence))).ToSignature()!.Outputs, Is.Null);
        Assert.That(Load(Model(Graph(Field(11, Value("x", 16, 2)), sequence))).ToSignature(), Is.Null);
        var unranked = Field(11, Text(1, "x"), Field(2, Field(1, Number(1, 1))));
        Assert.That(Load(Model(Graph(unranked, Field(12, Value("y", 1, 2))))).ToSignature()!.Inputs, Is.Null);
    }

    [Test]
    public void Files_of_weights_are_found_wherever_tensors_are()
    {
        var attribute = Field(5, Field(5, External("in attribute")), Field(6, Field(5, External("sub/in graph"))));
        var graph = Load(Model(
            Graph(Field(5, External("./weights.bin")), Field(5, External("weights.bin")), Field(15, Field(1, External("sparse"))), Field(1, attribute)),
            Field(25, Field(7, Field(5, Field(10, External("in function")))))));
        Assert.That(graph.ExternalFiles, Is.EquivalentTo(["weights.bin", "sparse", "in attribute", "sub/in graph", "in function"]));
    }

    [TestCase("../../etc/passwd")]
    [TestCase("/etc/passwd")]
    [TestCase("C:\\x")]
    [TestCase("")]
    public void A_file_of_weights_that_lies_elsewhere_is_refused(string location)
        => Assert.That(
            Assert.Throws<InvalidDataException>(() => Load(Model(Graph(Field(5, External(location))))))!.Message, Does.Contain("m.onnx").And.Contain("weights"));

    [Test]
    public void A_file_that_is_cut_off_is_refused_wherever_it_is_cut()
    {
        var whole = File.ReadAllBytes(ModelFixture.PathOf("onnx-linear", "model.onnx"));
        for (var length = 0; length < whole.Length; length++)
        {
            Assert.That(
                Assert.Throws<InvalidDataException>(() => Load(whole[..length]), $"{length}")!.Message, Does.Contain("is no whole ONNX file"));
        }
    }

    [Test]
    public void Other_files_are_refused()
    {
        var nested = Text(1, "x");
        for (var i = 0; i < 100; i++)
        {
            nested = Field(1, Field(5, Field(6, nested)));
        }

        byte[][] contents =
        [
            Encoding.UTF8.GetBytes("PK\u0003\u0004 a zip file is no ONNX file at all, whatever its name"),
            Encoding.UTF8.GetBytes("{\"json\": true}"),
            new byte[100],
            [.. Enumerable.Repeat((byte)0xFF, 100)],
            [0x3A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F],
            [0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
            Model(Graph(Field(11, Value("", 1, 2)))),
            Model(Graph(nested)),
            Model(Graph(Field(11, Value("x", 1, 2)), Field(11, Value("x", 1, 2)))),
            Model(Graph(Field(11, Text(1, new string('x', 1 << 17))))),
            Model(Graph(Field(11, Field(1, [0xC3, 0x28])))),
            [.. Number(1, 7), .. Number(7, 3)],
        ];
        foreach (var content in contents)
        {
            Assert.Throws<InvalidDataException>(() => Load(content));
        }

        Assert.Throws<FileNotFoundException>(() => OnnxGraph.Load(_scratch["absent.onnx"]));
    }

    [Test]
    public void A_damaged_file_is_read_or_refused_and_nothing_else()
    {
        var whole = File.ReadAllBytes(ModelFixture.PathOf("onnx-linear", "model.onnx"));
        var random = new Random(1);
        for (var i = 0; i < 2000; i++)
        {
            var damaged = whole.ToArray();
            damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            try
            {
                _ = Load(damaged).ToSignature();
            }
            catch (InvalidDataException)
            {
            }
        }
    }

    [Test]
    public void Weights_are_jumped_over()
    {
        // 1 GiB of weights, of which the file system stores nothing.
        const long Size = 1L << 30;
        var head = Number(1, 7);
        byte[] tail = [.. Field(11, Value("x", 1, 2)), .. Field(12, Value("y", 1, 2))];
        byte[] tensorHead = [.. Text(8, "w"), .. Tag(9, 2), .. Varint(Size)];
        byte[] graphHead = [.. Tag(5, 2), .. Varint(tensorHead.Length + Size), .. tensorHead];
        using (var file = File.Create(_scratch["m.onnx"]))
        {
            file.Write([.. head, .. Field(8, Number(2, 13)), .. Tag(7, 2), .. Varint(graphHead.Length + Size + tail.Length), .. graphHead]);
            file.Position += Size;
            file.Write(tail);
        }

        var memory = GC.GetAllocatedBytesForCurrentThread();
        Assert.That(OnnxGraph.Load(_scratch["m.onnx"]).Inputs.Single().Name, Is.EqualTo("x"));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - memory, Is.LessThan(1 << 20));
    }

    private static byte[] Model(params byte[][] parts) => [.. Number(1, 7), .. parts.SelectMany(part => part), .. Field(8, Number(2, 13))];

    private static byte[] Graph(params byte[][] parts) => Field(7, parts);

    private static byte[] Tensor(string name) => Text(8, name);

    private static byte[] External(string location) => Field(13, Text(1, "location"), Text(2, location));

    private static byte[] Value(string name, long type, params long[] shape)
        => [.. Text(1, name), .. Field(2, Field(1, Number(1, type), Field(2, [.. shape.Select(
            size => size < 0 ? Field(1, Text(2, "N")) : Field(1, Number(1, size)))])))];

    private static byte[] Text(int field, string text) => Field(field, Encoding.UTF8.GetBytes(text));

    private static byte[] Number(int field, long value) => [.. Tag(field, 0), .. Varint(value)];

    private static byte[] Field(int field, params byte[][] parts)
        => [.. Tag(field, 2), .. Varint(parts.Sum(part => part.Length)), .. parts.SelectMany(part => part)];

    private static byte[] Tag(int field, int wireType) => Varint((field << 3) | wireType);

    private static byte[] Varint(long value)
    {
        var bytes = new List<byte>();
        for (var rest = (ulong)value; ; rest >>= 7)
        {
            if (rest < 0x80)
            {
                bytes.Add((byte)rest);
                return [.. bytes];
            }

            bytes.Add((byte)(rest | 0x80));
        }
    }
}
