using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ModelTrack.Client.MLNet;

/// <summary>Records what a trainer was told.</summary>
public static class RunTrainerExtensions
{
    private const int MaxValueLength = 6000;

    private static readonly JsonSerializerOptions Json = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    /// <summary>
    /// Records the hyper-parameters of a trainer's options object (<c>FastTreeBinaryTrainer.Options</c> and its like) as params: the trainer's
    /// name as <c>trainer</c>, and every public field and property by its name in snake case (<c>number_of_leaves</c>).
    /// </summary>
    /// <param name="run">The run.</param>
    /// <param name="options">The options, set as the trainer gets them.</param>
    /// <param name="prefix">Comes before each key, with a dot between. Default: nothing.</param>
    /// <returns>The run.</returns>
    /// <remarks>
    /// Names of columns are left out. A null, by which a trainer is told to decide by itself, is an empty text. What has options of its own
    /// is said by its name, with them below it: <c>booster</c> = <c>GradientBooster</c>, <c>booster.maximum_tree_depth</c> = <c>0</c>. Lists
    /// are JSON. A value of more than 6,000 characters, which MLflow does not take, is cut there, with <c>…</c> at its end.
    /// </remarks>
    /// <exception cref="ArgumentException">
    /// The object has nothing to record: it is a trainer rather than its options, perhaps. Or the prefix breaks MLflow's rules for keys.
    /// </exception>
    /// <exception cref="ModelTrackException">The run has another value of a param already; nothing is recorded then. Use a prefix.</exception>
    /// <exception cref="InvalidOperationException">The run has ended.</exception>
    /// <exception cref="IOException">The disk is full.</exception>
    [RequiresUnreferencedCode("Reads public fields and properties by reflection.")]
    public static Run LogTrainer(this Run run, object options, string? prefix = null)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(options);
        var values = OptionsReader.Read(options).ToList();
        if (values.Count == 0 || options is string)
        {
            throw new ArgumentException(
                $"{options.GetType()} has no hyper-parameters to record; give the Options object that the trainer was made with.", nameof(options));
        }

        var start = string.IsNullOrEmpty(prefix) ? "" : prefix.TrimEnd('.') + ".";
        return run.LogParams(
        [
            (start + "trainer", OptionsReader.NameOf(options.GetType())),
            .. values.Select(value => (start + value.Key, Short(value.Value))),
        ]);
    }

    private static object? Short(object? value) => value switch
    {
        string text => Cut(text),
        IEnumerable list => Cut(JsonSerializer.Serialize(list.Cast<object?>().Select(item => item is Enum ? $"{item}" : item), Json)),
        _ => value,
    };

    /// <summary>In characters as MLflow counts them, that is code points.</summary>
    private static string Cut(string text)
    {
        if (text.EnumerateRunes().Take(MaxValueLength + 1).Count() <= MaxValueLength)
        {
            return text;
        }

        var kept = text.EnumerateRunes().Take(MaxValueLength - 1).Sum(rune => rune.Utf16SequenceLength);
        return text[..kept] + "…";
    }
}
