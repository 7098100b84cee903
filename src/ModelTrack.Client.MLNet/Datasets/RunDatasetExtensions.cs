using Microsoft.ML;

namespace ModelTrack.Client.MLNet;

/// <summary>Records what a run was trained and tested on.</summary>
public static class RunDatasetExtensions
{
    /// <summary>
    /// Records a data set that the run used: its columns, the number of its rows, and a digest of its content, so that one sees whether two runs
    /// had the same data.
    /// </summary>
    /// <param name="run">The run.</param>
    /// <param name="data">
    /// The data. The first 10,000 rows are read, and where the data do not know their number, all rows are counted.
    /// </param>
    /// <param name="source">Where they come from: a path or URI, see <see cref="DatasetInput.FromSource"/>.</param>
    /// <param name="name">The data set's name, at most 500 characters.</param>
    /// <param name="context">What they are used for: <c>training</c>, <c>eval</c>. Default: not said.</param>
    /// <returns>The run.</returns>
    /// <remarks>
    /// The schema is MLflow's for tables; columns of types that MLflow has none for (images, time spans) are in neither schema, profile nor
    /// digest. The digest is eight hexadecimal digits of an MD5 over the names and types of the columns, the values of the first 10,000
    /// rows, and the number of rows: rows in another order are other data.
    /// </remarks>
    /// <exception cref="ArgumentException">Name, source or context break MLflow's rules, or the columns take more than 950,000 bytes.</exception>
    /// <exception cref="InvalidOperationException">The run has ended.</exception>
    /// <exception cref="IOException">The data cannot be read, or the disk is full.</exception>
    public static Run LogDataset(this Run run, IDataView data, string source, string name, string? context = null)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(data);
        var (digest, rows) = DatasetDigest.Of(data);
        var elements = DatasetSchema.ElementsPerRow(data.Schema) * rows;
        return run.LogInput(
            DatasetInput.FromSource(source, name, digest, DatasetSchema.Of(data.Schema), DatasetSchema.Profile(rows, elements)),
            context);
    }
}
