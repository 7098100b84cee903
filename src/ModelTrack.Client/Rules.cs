namespace ModelTrack.Client;

/// <summary>
/// MLflow's rules for keys, values and names (<c>mlflow/utils/validation.py</c>), checked at the call that brings them, because servers
/// accept some wrong requests and store half of them. Lengths count Unicode code points, as Python does.
/// Every failure is an <see cref="ArgumentException"/> with the rule and the offending value.
/// </summary>
internal static class Rules
{
    public static void CheckMetricKey(string key) => throw new NotImplementedException();

    public static void CheckParam(string key, string value) => throw new NotImplementedException();

    public static void CheckTag(string key, string value) => throw new NotImplementedException();

    public static void CheckTagKey(string key) => throw new NotImplementedException();

    public static void CheckExperimentTag(string key, string value) => throw new NotImplementedException();

    public static void CheckExperimentName(string name) => throw new NotImplementedException();

    public static void CheckExperimentId(string experimentId) => throw new NotImplementedException();

    public static void CheckRunId(string runId) => throw new NotImplementedException();

    public static void CheckRunName(string name) => throw new NotImplementedException();

    public static void CheckTimestamp(DateTimeOffset timestamp) => throw new NotImplementedException();
}
