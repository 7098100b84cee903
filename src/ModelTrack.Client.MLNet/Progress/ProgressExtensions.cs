using Microsoft.ML;

namespace ModelTrack.Client.MLNet;

/// <summary>Records how trainings go on.</summary>
public static class ProgressExtensions
{
    /// <summary>
    /// Records what trainers say to <see cref="MLContext.Log"/> while they train as metrics of a run, the iteration as their step, until the
    /// returned object is disposed.
    /// </summary>
    /// <param name="mlContext">The context that the trainers come from.</param>
    /// <param name="run">The run.</param>
    /// <param name="prefix">Comes before each key, with <c>/</c> between. Default: nothing.</param>
    /// <returns>Dispose it when the training is over.</returns>
    /// <remarks>
    /// Not every trainer says something: the package's README has the list. The trees of FastTree say most: set <c>TestFrequency</c> in their
    /// options. All that is trained with the context meanwhile is recorded, each training beginning at iteration 1 again; so give each of
    /// several trainings a prefix, or a run, of its own. Recording ends by itself when the run has ended. An
    /// <see cref="IOException"/>, which a full disk causes, comes out of the trainer's <c>Fit</c>.
    /// </remarks>
    /// <exception cref="ArgumentException">The prefix breaks MLflow's rules for keys: that comes out of the trainer's <c>Fit</c>.</exception>
    public static IDisposable LogProgressTo(this MLContext mlContext, Run run, string? prefix = null)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        ArgumentNullException.ThrowIfNull(run);
        return new ProgressSubscription(mlContext, run, prefix);
    }
}
