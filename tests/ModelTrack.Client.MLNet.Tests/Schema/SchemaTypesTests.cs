using Microsoft.ML.Data;

namespace ModelTrack.Client.MLNet.Tests.Schema;

internal sealed class SchemaTypesTests
{
    private static readonly object?[][] Types =
    [
        [TextDataViewType.Instance, "string", "str"],
        [BooleanDataViewType.Instance, "boolean", "bool"],
        [DateTimeDataViewType.Instance, "datetime", "datetime64[ns]"],
        [DateTimeOffsetDataViewType.Instance, "datetime", "datetime64[ns]"],
        [NumberDataViewType.Single, "float", "float32"],
        [NumberDataViewType.Double, "double", "float64"],
        [NumberDataViewType.SByte, "integer", "int8"],
        [NumberDataViewType.Byte, "integer", "uint8"],
        [NumberDataViewType.Int16, "integer", "int16"],
        [NumberDataViewType.UInt16, "integer", "uint16"],
        [NumberDataViewType.Int32, "integer", "int32"],
        [NumberDataViewType.UInt32, "long", "uint32"],
        [NumberDataViewType.Int64, "long", "int64"],
        [NumberDataViewType.UInt64, "long", "uint64"],
        [new KeyDataViewType(typeof(byte), 5), "integer", "uint8"],
        [new KeyDataViewType(typeof(uint), 5), "long", "uint32"],
    ];

    [TestCaseSource(nameof(Types))]
    public void A_type_has_the_name_that_MLflow_and_NumPy_give_it(DataViewType type, string name, string numpy)
        => Assert.That(SchemaTypes.Of(type), Is.EqualTo(new ColumnType(name, numpy, null)));

    [Test]
    public void A_vector_has_dimensions_of_which_some_may_vary()
    {
        Assert.Multiple(() =>
        {
            Assert.That(SchemaTypes.Of(new VectorDataViewType(NumberDataViewType.Single, 3))!.Dimensions, Is.EqualTo(new[] { 3 }));
            Assert.That(SchemaTypes.Of(new VectorDataViewType(NumberDataViewType.Single, 2, 0))!.Dimensions, Is.EqualTo(new[] { 2, -1 }));
            Assert.That(SchemaTypes.Of(new VectorDataViewType(TextDataViewType.Instance))!.Dimensions, Is.EqualTo(new[] { -1 }));
            Assert.That(SchemaTypes.Of(new VectorDataViewType(TextDataViewType.Instance))!.IsVector, Is.True);
        });
    }

    [Test]
    public void What_MLflow_has_no_type_for_has_none()
    {
        Assert.That(SchemaTypes.Of(TimeSpanDataViewType.Instance), Is.Null);
        Assert.That(SchemaTypes.Of(RowIdDataViewType.Instance), Is.Null);
        Assert.That(SchemaTypes.Of(new VectorDataViewType(TimeSpanDataViewType.Instance, 3)), Is.Null);
    }
}
