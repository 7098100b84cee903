using System.Text;
using ModelTrack.Client.Journal;

namespace ModelTrack.Client;

/// <content>Inputs: the data sets that the run used.</content>
public sealed partial class Run
{
    /// <summary>
    /// Records that the run used a data set. Name and digest say which one: a data set that the run has already is not added again, and
    /// of one that its experiment knows the first description stays.
    /// </summary>
    /// <param name="dataset">
    /// The data set, see <see cref="DatasetInput.FromSource"/>. At most 500 characters of name, 36 of digest, 36 of source type, 65,535 of
    /// source, 1,048,575 of schema, 16,777,215 of profile; 255 of a tag's key and 500 of its value; and 950,000 bytes in all.
    /// </param>
    /// <param name="context">
    /// What it was used for, for example <c>training</c> or <c>eval</c>: the input's tag <c>mlflow.data.context</c>. Default: what
    /// <see cref="DatasetInput.Context"/> says.
    /// </param>
    /// <returns>This run.</returns>
    /// <remarks>Servers before MLflow 2.4 know no data sets: there it is rejected, and <see cref="DeliveryReport"/> says so.</remarks>
    /// <exception cref="ArgumentException">It breaks MLflow's rules; the message has the rule.</exception>
    /// <exception cref="InvalidOperationException">The run has ended.</exception>
    /// <exception cref="IOException">The disk is full and the journal could not grow. Nothing was recorded.</exception>
    public Run LogInput(DatasetInput dataset, string? context = null)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        if (_journaled is null)
        {
            return this;
        }

        var input = context is null
            ? dataset
            : dataset with { Tags = new Dictionary<string, string>(dataset.Tags) { [SystemTags.DataContext] = context } };
        Rules.CheckDataset(input);
        var json = InputJson.Write(input);
        Rules.CheckInputSize(input, Encoding.UTF8.GetByteCount(json));
        _tracker.Journal.AppendPair(_journaled, RecordKind.Input, input.Name, json);
        return this;
    }
}
