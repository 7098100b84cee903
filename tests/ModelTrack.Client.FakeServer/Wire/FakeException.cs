namespace ModelTrack.Client.Fakes.Wire;

/// <summary>An error that the server answers with a code and a message.</summary>
internal sealed class FakeException(string code, string message) : Exception(message)
{
    private const string InvalidParameterValue = "INVALID_PARAMETER_VALUE";

    public string Code { get; } = code;

    public int Status => Code switch
    {
        InvalidParameterValue or "BAD_REQUEST" or "RESOURCE_ALREADY_EXISTS" => 400,
        "PERMISSION_DENIED" => 403,
        "RESOURCE_DOES_NOT_EXIST" => 404,
        "NOT_IMPLEMENTED" => 501,
        _ => 500,
    };

    public static FakeException Invalid(string message) => new(InvalidParameterValue, message);

    public static FakeException NotFound(string message) => new("RESOURCE_DOES_NOT_EXIST", message);

    public static FakeException Exists(string message) => new("RESOURCE_ALREADY_EXISTS", message);

    public static FakeException InvalidState(string message) => new("INVALID_STATE", message);

    public static FakeException Internal(string message) => new("INTERNAL_ERROR", message);

    /// <summary>What comes of a broken constraint of the database; the text is that of SQLite, shortened.</summary>
    public static FakeException Database(string constraint)
        => new("BAD_REQUEST", $"(sqlite3.IntegrityError) {constraint}\n(Background on this error at: https://sqlalche.me/e/20/gkpj)");
}
