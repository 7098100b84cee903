using System.Globalization;

namespace ModelTrack.Client.Backends;

/// <summary>Makes up names for runs that were given none, such as <c>patient-otter-417</c>.</summary>
internal static class RunNames
{
    private static readonly string[] Adjectives =
    [
        "able", "agile", "amber", "bold", "brave", "bright", "calm", "careful", "cheerful", "clever", "crisp", "curious", "eager",
        "fair", "fancy", "fast", "gentle", "glad", "golden", "grand", "happy", "honest", "humble", "jolly", "keen", "kind", "lively",
        "loyal", "lucky", "mellow", "merry", "mighty", "modest", "neat", "noble", "patient", "placid", "polite", "proud", "quick",
        "quiet", "rare", "serene", "sharp", "silent", "smooth", "steady", "sunny", "swift", "tidy", "vivid", "warm", "wise", "witty",
    ];

    private static readonly string[] Nouns =
    [
        "badger", "bear", "beaver", "bison", "boar", "carp", "cat", "colt", "crane", "crow", "deer", "dolphin", "dove", "duck", "eagle",
        "elk", "falcon", "finch", "fox", "frog", "goat", "goose", "grouse", "gull", "hare", "hawk", "heron", "horse", "ibex", "jay",
        "lamb", "lark", "lynx", "mole", "moose", "moth", "newt", "otter", "owl", "panda", "pike", "pony", "quail", "raven", "robin",
        "seal", "shrew", "snail", "sparrow", "stork", "swan", "toad", "trout", "vole", "whale", "wolf", "wren", "yak",
    ];

#pragma warning disable CA5394 // A name is no secret.
    public static string Next()
        => string.Create(CultureInfo.InvariantCulture,
            $"{Pick(Adjectives)}-{Pick(Nouns)}-{Random.Shared.Next(1000)}");

    private static string Pick(string[] words) => words[Random.Shared.Next(words.Length)];
#pragma warning restore CA5394
}
