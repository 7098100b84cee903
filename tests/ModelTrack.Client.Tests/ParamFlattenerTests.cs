namespace ModelTrack.Client.Tests;

internal sealed class ParamFlattenerTests
{
    [Test]
    public void An_anonymous_object_gives_its_properties_in_order()
        => Assert.That(Flatten(new { leaves = 20, seed = 1, learning_rate = 0.1, name = (string?)null }),
            Is.EqualTo("leaves=20, seed=1, learning_rate=0.1, name="));

    [Test]
    public void What_is_nested_is_joined_with_a_dot()
        => Assert.That(Flatten(new { a = new { b = new { c = 1 }, d = 2 }, e = 3 }), Is.EqualTo("a.b.c=1, a.d=2, e=3"));

    [Test]
    public void A_record_gives_those_of_its_base_first()
        => Assert.That(Flatten(new Forest(100) { Depth = 3 }), Is.EqualTo("Name=forest, Depth=3, Trees=100"));

    [Test]
    public void Only_public_readable_instance_properties_count()
        => Assert.That(Flatten(new Mixed()), Is.EqualTo("Shown=1"));

    private static readonly object[] Dictionaries =
    [
        new Dictionary<string, object?> { ["a"] = 1, ["b"] = new Dictionary<string, int> { ["c"] = 2 } },
        new SortedList<string, object> { ["a"] = 1, ["b"] = new { c = 2 } },
        new[] { KeyValuePair.Create("a", (object)1), KeyValuePair.Create("b", (object)new[] { KeyValuePair.Create("c", 2) }) },
        new[] { KeyValuePair.Create("a", 1), KeyValuePair.Create("b.c", 2) }.Where(_ => true),
        new { a = 1, b = new SortedDictionary<string, string> { ["c"] = "2" } },
    ];

    [TestCaseSource(nameof(Dictionaries))]
    public void A_dictionary_of_any_kind_gives_its_entries(object values) => Assert.That(Flatten(values), Is.EqualTo("a=1, b.c=2"));

    [Test]
    public void Keys_that_are_no_text_are_made_text()
        => Assert.That(Flatten(new Dictionary<int, double> { [1] = 0.5 }), Is.EqualTo("1=0.5"));

    [Test]
    public void Lists_and_values_with_a_text_of_their_own_stay_whole()
        => Assert.That(
            Flatten(new { layers = new[] { 8, 4 }, at = new DateOnly(2024, 1, 2), kind = DayOfWeek.Friday, pair = (1, "x"), t = typeof(int) }),
            Is.EqualTo("layers=[8, 4], at=2024-01-02, kind=Friday, pair=[1, \"x\"], t=System.Int32"));

    [Test]
    public void An_object_without_properties_is_its_text()
        => Assert.That(Flatten(new { loss = new Loss() }), Is.EqualTo("loss=hinge"));

    [Test]
    public void No_properties_are_no_params() => Assert.That(Flatten(new { }), Is.Empty);

    [TestCase("text")]
    [TestCase(1)]
    [TestCase(new[] { 1, 2 })]
    public void A_single_value_or_list_is_refused(object values)
        => Assert.That(() => ParamFlattener.Flatten(values), Throws.ArgumentException.With.Message.Contains("neither"));

    [Test]
    public void Null_is_refused() => Assert.That(() => ParamFlattener.Flatten(null!), Throws.ArgumentNullException);

    [Test]
    public void A_cycle_is_refused_with_its_path()
    {
        var node = new Node { Next = new Node() };
        node.Next.Next = node;

        Assert.That(() => ParamFlattener.Flatten(node), Throws.ArgumentException.With.Message.Contains("\"Next.Next\" contains itself"));
    }

    [Test]
    public void The_same_object_twice_is_no_cycle()
    {
        var shared = new { x = 1 };

        Assert.That(Flatten(new { a = shared, b = shared }), Is.EqualTo("a.x=1, b.x=1"));
    }

    [TestCase(16, true)]
    [TestCase(17, false)]
    public void Sixteen_levels_are_deep_enough(int depth, bool passes)
    {
        var node = new Node();
        for (var i = 0; i < depth; i++)
        {
            node = new Node { Next = node };
        }

        Assert.That(() => ParamFlattener.Flatten(node), passes ? Throws.Nothing : Throws.ArgumentException.With.Message.Contains("Next.Next"));
    }

    [Test]
    public void Two_values_of_one_key_are_refused()
        => Assert.That(
            () => ParamFlattener.Flatten(new Dictionary<string, object> { ["a.b"] = 1, ["a"] = new { b = 2 } }),
            Throws.ArgumentException.With.Message.Contains("\"a.b\""));

    [Test]
    public void A_property_that_throws_throws_its_own_exception()
        => Assert.That(() => ParamFlattener.Flatten(new Throwing()), Throws.TypeOf<NotSupportedException>());

    private static string Flatten(object values) => string.Join(", ", ParamFlattener.Flatten(values).Select(p => $"{p.Key}={p.Value}"));

    private record Trainer(string Name)
    {
        public virtual int Depth { get; init; } = 1;
    }

    private sealed record Forest(int Trees) : Trainer("forest")
    {
        public override int Depth { get; init; } = 2;
    }

    private sealed class Mixed
    {
        public static int Static => 2;

        public int Shown { get; } = 1;

        public int Written
        {
            set => Hidden = value;
        }

        public int Half { private get; set; }

        internal int Hidden { get; set; }

        public int this[int index] => index + Half;
    }

    private sealed class Loss
    {
        public override string ToString() => "hinge";
    }

    private sealed class Node
    {
        public Node? Next { get; set; }
    }

    private sealed class Throwing
    {
        public int Value => throw new NotSupportedException();
    }
}
