namespace ModelTrack.Client;

// Names for versions: aliases, and the stages that came before them.
public sealed partial class RegistryClient
{
    /// <summary>Gives a version an alias, and takes it from the version that has it.</summary>
    /// <param name="name">The registered model's name.</param>
    /// <param name="alias">
    /// The alias: letters, digits, <c>_</c> and <c>-</c>, at most 255; not <c>latest</c> and nothing like a version (<c>v1</c>).
    /// </param>
    /// <param name="version">The version, from 1.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>When it is stored.</returns>
    /// <exception cref="ArgumentException">The alias breaks MLflow's rules.</exception>
    /// <exception cref="ModelTrackException">
    /// There is no such version; or the server is older than MLflow 2.3, which brought aliases (<see cref="ErrorCode.EndpointNotFound"/>).
    /// </exception>
    public async Task SetAliasAsync(string name, string alias, int version, CancellationToken cancellationToken = default)
    {
        Check(name, version);
        RegistryRules.CheckAlias(alias);
        await _registry.SetAliasAsync(name, alias, version, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Removes an alias; it need not be there.</summary>
    /// <param name="name">The registered model's name.</param>
    /// <param name="alias">The alias.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>When it is done.</returns>
    /// <exception cref="ArgumentException">The alias is empty or has other characters than aliases have.</exception>
    /// <exception cref="ModelTrackException">
    /// There is no such model; or the server is older than MLflow 2.3, which brought aliases (<see cref="ErrorCode.EndpointNotFound"/>).
    /// </exception>
    public async Task DeleteAliasAsync(string name, string alias, CancellationToken cancellationToken = default)
    {
        RegistryRules.CheckModelName(name);
        RegistryRules.CheckAnyAlias(alias);
        await _registry.DeleteAliasAsync(name, alias, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Moves a version to a stage. Aliases do this better since MLflow 2.9.</summary>
    /// <param name="name">The registered model's name.</param>
    /// <param name="version">The version, from 1.</param>
    /// <param name="stage">The stage.</param>
    /// <param name="archiveExisting">
    /// Whether the other versions in that stage go to <see cref="ModelStage.Archived"/>; only for <see cref="ModelStage.Staging"/> and
    /// <see cref="ModelStage.Production"/>. Default: they stay.
    /// </param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The version as stored.</returns>
    /// <exception cref="ArgumentException">The stage is none of the four, or nothing is archived for it.</exception>
    /// <exception cref="ModelTrackException">There is no such version.</exception>
    public async Task<ModelVersion> SetStageAsync(
        string name, int version, ModelStage stage, bool archiveExisting = false, CancellationToken cancellationToken = default)
    {
        Check(name, version);
        RegistryRules.CheckStage(stage);
        if (archiveExisting)
        {
            RegistryRules.CheckArchiving(stage);
        }

        return await _registry.SetStageAsync(name, version, stage, archiveExisting, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads the latest version of each stage.</summary>
    /// <param name="name">The registered model's name.</param>
    /// <param name="stages">The stages to look at. Default: all four.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>One version for each of the stages that has any, by version: the last one is the latest of all.</returns>
    /// <exception cref="ArgumentException">A stage is none of the four.</exception>
    /// <exception cref="ModelTrackException">There is no such model.</exception>
    public async Task<IReadOnlyList<ModelVersion>> GetLatestVersionsAsync(
        string name, IEnumerable<ModelStage>? stages = null, CancellationToken cancellationToken = default)
    {
        RegistryRules.CheckModelName(name);
        ModelStage[] wanted = [.. (stages ?? []).Distinct()];
        foreach (var stage in wanted)
        {
            RegistryRules.CheckStage(stage);
        }

        return await _registry.GetLatestVersionsAsync(name, wanted, cancellationToken).ConfigureAwait(false);
    }
}
