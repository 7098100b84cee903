using System.Globalization;
using System.Text.RegularExpressions;
using ModelTrack.Client.Fakes.Wire;
using ModelTrack.Client.Tracking.Search;

namespace ModelTrack.Client.Fakes.Routes;

/// <summary>
/// The filter of logged models, which has a grammar of its own: with a database, entities are plural, operators upper case, and a value in
/// double quotes keeps them, so that it finds nothing.
/// </summary>
internal sealed partial class LoggedModelFilter
{
    private static readonly string[] Entities = ["attributes", "metrics", "params", "tags"];
    private static readonly string[] NumberOperators = ["<", "<=", ">", ">=", "=", "!="];
    private static readonly string[] TextOperators = ["=", "!=", "LIKE", "ILIKE", "IN", "NOT IN"];

    private readonly List<Func<FakeLoggedModel, bool>> _tests = [];
    private readonly Func<FakeModelMetric, bool> _inDatasets;
    private readonly bool _sql;
    private readonly string _text;

    /// <exception cref="FakeException">The filter is malformed.</exception>
    public LoggedModelFilter(string text, bool sql, Func<FakeModelMetric, bool> inDatasets)
    {
        (_text, _sql, _inDatasets) = (text, sql, inDatasets);
        var position = 0;
        while (position < text.Length)
        {
            var clause = Clause().Match(text, position);
            if (!clause.Success || (position > 0 && !clause.Groups["and"].Success))
            {
                throw Malformed();
            }

            position = clause.Index + clause.Length;
            AddClause(clause.Groups["field"].Value, Blanks().Replace(clause.Groups["op"].Value, " "), clause.Groups["value"].Value);
        }
    }

    /// <summary>Whether a clause is about metrics.</summary>
    public bool HasMetrics { get; private set; }

    public bool Matches(FakeLoggedModel model) => _tests.TrueForAll(test => test(model));

    private static bool Compare(double value, string op, double limit) => op switch
    {
        "=" => value == limit,
        "!=" => value != limit,
        "<" => value < limit,
        "<=" => value <= limit,
        ">" => value > limit,
        _ => value >= limit,
    };

    private static bool Compare(string value, string op, string operand) => op switch
    {
        "=" => value == operand,
        "!=" => value != operand,
        "LIKE" => new LikePattern(operand, ignoreCase: false).Matches(value),
        "ILIKE" => new LikePattern(operand, ignoreCase: true).Matches(value),
        "IN" => ListItem().Matches(operand).Any(item => item.Groups[1].Value == value),
        _ => !ListItem().Matches(operand).Any(item => item.Groups[1].Value == value),
    };

    private void AddClause(string field, string op, string value)
    {
        var dot = field.IndexOf('.', StringComparison.Ordinal);
        var entity = dot < 0 || field[0] is '`' or '"' ? "attributes" : field[..dot];
        var key = (dot < 0 || field[0] is '`' or '"' ? field : field[(dot + 1)..]).Trim('`');
        if (!_sql)
        {
            entity = entity.EndsWith('s') ? entity : entity + "s";
            op = op.ToUpperInvariant();
            key = key.Trim('"');
        }

        if (!Entities.Contains(entity))
        {
            throw FakeException.Invalid($"Invalid entity type: '{entity}'. Expected one of {PythonText.List(Entities)}.");
        }

        var number = entity == "metrics" || (entity == "attributes" && NumberOf(key) is not null);
        if (!(number ? NumberOperators : TextOperators).Contains(op))
        {
            throw FakeException.Invalid(
                $"Invalid comparison operator for {entity}.{key}: '{op}'. Expected one of ({string.Join(", ", TextOperators.Select(PythonText.Quoted))}).");
        }

        if (number)
        {
            var limit = double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var parsed)
                ? parsed
                : throw new ServerCrashException("float() takes no such text.");
            AddNumber(entity, key, op, limit);
        }
        else
        {
            AddText(entity, key, op, value.StartsWith('"') && !_sql ? value.Trim('"') : value.Trim('\''));
        }
    }

    private void AddNumber(string entity, string key, string op, double limit)
    {
        if (entity == "metrics")
        {
            HasMetrics = true;
            _tests.Add(model => model.Metrics.Any(m => m.Key == key && _inDatasets(m) && Compare(m.Point.Value, op, limit)));
            return;
        }

        var read = NumberOf(key)!;
        _tests.Add(model => Compare(read(model), op, limit));
    }

    private void AddText(string entity, string key, string op, string operand)
    {
        var read = entity switch
        {
            "params" => model => model.Params.GetValueOrDefault(key),
            "tags" => model => model.Tags.GetValueOrDefault(key),
            _ => TextOf(key) ?? throw FakeException.Internal($"type object 'SqlLoggedModel' has no attribute '{key}'"),
        };
        _tests.Add(model => read(model) is { } value && Compare(value, op, operand));
    }

    private Func<FakeLoggedModel, double>? NumberOf(string key) => key switch
    {
        "creation_timestamp" or "creation_timestamp_ms" => model => model.CreationTime,
        "creation_time" when _sql => model => model.CreationTime,
        "last_updated_timestamp" or "last_updated_timestamp_ms" => model => model.LastUpdateTime,
        _ => null,
    };

    private Func<FakeLoggedModel, string?>? TextOf(string key) => key switch
    {
        "name" => model => model.Name,
        "model_id" => model => model.Id,
        "model_type" => model => model.ModelType,
        "source_run_id" => model => model.SourceRunId,
        "artifact_location" => model => model.ArtifactLocation,
        "lifecycle_stage" => model => model.IsDeleted ? "deleted" : "active",
        "experiment_id" => model => model.ExperimentId,
        "status" => model => _sql
            ? model.Status.ToString(CultureInfo.InvariantCulture)
            : LoggedModelRoutes.Statuses[model.Status - 1]["LOGGED_MODEL_".Length..],
        _ => null,
    };

    private FakeException Malformed() => FakeException.Invalid(
        $"Invalid filter string: {PythonText.Quoted(_text)}. Expected a list of comparisons separated by 'AND' (e.g. 'metrics.loss > 0.1 AND"
        + " params.lr = 0.01').");

    [GeneratedRegex("""
        \G\s*(?<and>[aA][nN][dD]\s+)?(?<field>(?:[\w]+\.)?(?:`[^`]*`|"[^"]*"|[\w./-]+))\s*(?<op><=|>=|!=|=|<|>|[A-Za-z]+(?:\s+[iI][nN])?)\s*(?<value>'[^']*'|"[^"]*"|\([^)]*\)|[-+\w.]+)\s*
        """)]
    private static partial Regex Clause();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();

    [GeneratedRegex("""['"]([^'"]*)['"]""")]
    private static partial Regex ListItem();
}
