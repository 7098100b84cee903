using System.Security.Cryptography;

namespace ModelTrack.Client.Fakes;

/// <summary>Names for what has none, such as <c>bold-crab-417</c>.</summary>
internal static class RandomNames
{
    private static readonly string[] Adjectives = ["bold", "calm", "clever", "dapper", "eager", "gentle", "nimble", "quiet", "rare", "wise"];
    private static readonly string[] Nouns = ["ant", "crab", "crow", "doe", "fox", "gnu", "hawk", "lynx", "mole", "stork"];

    public static string Next()
        => $"{RandomNumberGenerator.GetItems<string>(Adjectives, 1)[0]}-{RandomNumberGenerator.GetItems<string>(Nouns, 1)[0]}"
            + $"-{RandomNumberGenerator.GetInt32(1000)}";
}
