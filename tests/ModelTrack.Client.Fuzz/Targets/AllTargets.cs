namespace ModelTrack.Client.Fuzz.Targets;

/// <summary>All targets, by name.</summary>
internal static class AllTargets
{
    private static readonly Func<FuzzTarget>[] Makers =
    [
        () => new JournalTarget(),
        () => new DeliveryTarget(),
        () => new ManifestTarget(),
        () => new MetaYamlTarget(),
        () => new StoreFolderTarget(),
        () => new SearchTarget(),
        () => new AddressTarget(),
        () => new PathTarget(),
        () => new WireTarget(),
        () => new OnnxTarget(),
        () => new SignatureTarget(),
        () => new ConfigTarget(),
        () => new RequestTarget(),
    ];

    public static IReadOnlyList<string> Names { get; } = [.. Makers.Select(make => Use(make, target => target.Name))];

    /// <exception cref="ArgumentException">There is none of that name.</exception>
    public static FuzzTarget Create(string name)
    {
        var index = Names.ToList().IndexOf(name);
        return index >= 0
            ? Makers[index]()
            : throw new ArgumentException($"There is no target '{name}'. There are: {string.Join(", ", Names)}.", nameof(name));
    }

    private static string Use(Func<FuzzTarget> make, Func<FuzzTarget, string> read)
    {
        using var target = make();
        return read(target);
    }
}
