using Microsoft.ML;
using Microsoft.ML.Data;

namespace ModelTrack.Client.MLNet.Tests.Serving;

internal sealed class ServedVersionTests
{
    private static readonly DataViewSchema NoColumns = new DataViewSchema.Builder().ToSchema();

    [Test]
    public void A_version_is_freed_once_when_the_last_user_lets_go()
    {
        using var transformer = new CountingTransformer();
        var version = new ServedVersion(new ServedModel { Uri = "models:/m/1", LoadedAt = default }, transformer, NoColumns);
        Assert.That(version.TryUse(), Is.True);
        var lease = new ModelLease(version);
        version.Release();
        Assert.That(transformer.Disposals, Is.Zero);
        lease.Dispose();
        lease.Dispose();
        Assert.That(transformer.Disposals, Is.EqualTo(1));
        Assert.That(version.TryUse(), Is.False);
    }

    private sealed class CountingTransformer : ITransformer, IDisposable
    {
        public int Disposals { get; private set; }

        public bool IsRowToRowMapper => false;

        public void Dispose() => Disposals++;

        public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => inputSchema;

        public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => throw new NotSupportedException();

        public void Save(ModelSaveContext ctx) => throw new NotSupportedException();

        public IDataView Transform(IDataView input) => input;
    }
}
