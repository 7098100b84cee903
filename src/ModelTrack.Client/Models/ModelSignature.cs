using System.Globalization;
using System.Text.Json;

namespace ModelTrack.Client;

/// <summary>What a model takes, what it gives, and which params it knows. Two with the same content are equal.</summary>
public sealed class ModelSignature : IEquatable<ModelSignature>
{
    /// <summary>Makes a signature.</summary>
    /// <param name="inputs">What the model takes; null when that is not said.</param>
    /// <param name="outputs">What it gives; null when that is not said.</param>
    /// <param name="parameters">The params that may be given with a prediction.</param>
    /// <exception cref="ArgumentException">All three are missing, or two params have the same name.</exception>
    public ModelSignature(ModelSchema? inputs, ModelSchema? outputs = null, IEnumerable<ParamSpec>? parameters = null)
    {
        Inputs = inputs;
        Outputs = outputs;
        Params = (parameters ?? []).ToArray().AsReadOnly();
        if (inputs is null && outputs is null && Params.Count == 0)
        {
            throw new ArgumentException("A signature has inputs, outputs or params.", nameof(inputs));
        }

        if (Params.GroupBy(param => param.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new ArgumentException($"Two params have the name {Excerpt.Of(twice.Key)}.", nameof(parameters));
        }
    }

    /// <summary>What the model takes; null when that is not said.</summary>
    public ModelSchema? Inputs { get; }

    /// <summary>What it gives; null when that is not said.</summary>
    public ModelSchema? Outputs { get; }

    /// <summary>The params that may be given with a prediction; empty when there are none.</summary>
    public IReadOnlyList<ParamSpec> Params { get; }

    /// <summary>Reads a signature from the three JSON texts that a manifest has.</summary>
    /// <param name="inputs">The inputs, or null.</param>
    /// <param name="outputs">The outputs, or null.</param>
    /// <param name="parameters">The params, or null.</param>
    /// <returns>The signature.</returns>
    /// <exception cref="InvalidDataException">One of them is not valid; the message names the column or param.</exception>
    public static ModelSignature FromJson(string? inputs, string? outputs = null, string? parameters = null)
    {
        try
        {
            return new ModelSignature(
                inputs is null ? null : ModelSchema.FromJson(inputs),
                outputs is null ? null : ModelSchema.FromJson(outputs),
                parameters is null ? null : ReadParams(parameters));
        }
        catch (ArgumentException e)
        {
            throw new InvalidDataException($"The signature is not valid: {e.Message}", e);
        }
    }

    /// <summary>Whether the other says the same.</summary>
    /// <param name="other">The other.</param>
    /// <returns>True if so.</returns>
    public bool Equals(ModelSignature? other)
        => other is not null && Equals(other.Inputs, Inputs) && Equals(other.Outputs, Outputs) && other.Params.SequenceEqual(Params);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ModelSignature);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Inputs, Outputs, Params.Count);

    /// <inheritdoc/>
    public override string ToString() => ToManifest().ToJson();

    /// <exception cref="InvalidDataException">It is no signature.</exception>
    internal static ModelSignature FromManifest(ModelValue map)
    {
        return FromJson(TextOf("inputs"), TextOf("outputs"), TextOf("params"));

        string? TextOf(string name) => map[name] switch
        {
            null or { IsNull: true } => null,
            { Kind: ModelValueKind.Text } text => text.AsText(),
            _ => throw new InvalidDataException($"The signature's '{name}' is no JSON text."),
        };
    }

    internal ModelValue ToManifest() => ModelValue.Map(
        ("inputs", Inputs?.ToJson()),
        ("outputs", Outputs?.ToJson()),
        ("params", Params.Count == 0 ? ModelValue.Null : ModelValue.List(Params.Select(param => param.ToJson())).ToJson()));

    private static ParamSpec[] ReadParams(string json)
    {
        try
        {
            var items = PythonJson.Read(json) is { Kind: ModelValueKind.List } list
                ? list.Items
                : throw new InvalidDataException("it is no list");
            return [.. items.Select((item, index) => ParamSpec.FromJson(
                item,
                item["name"]?.AsText() is { } name
                    ? $"the param {Excerpt.Of(name)}"
                    : string.Create(CultureInfo.InvariantCulture, $"param {index}")))];
        }
        catch (Exception e) when (e is InvalidDataException or JsonException or ArgumentException)
        {
            throw new InvalidDataException($"The params {Excerpt.Of(json)} are not valid: {e.Message}", e);
        }
    }
}
