using System.Text;

namespace ModelTrack.Client.Fuzz.Mutation;

/// <summary>Texts that follow the grammar of MLflow's filters and orders, nearly.</summary>
internal static class FilterGrammar
{
    public static readonly string[] Words =
    [
        "metrics.", "params.", "tags.", "attributes.", "datasets.", "run.", "attr.", " AND ", " and ", " OR ", " NOT ", " IN ", " IS NULL", " IS NOT NULL",
        " LIKE ", " ILIKE ", "('a', 'b')", "(", ")", "'", "\"", "`", "``", "''", " DESC", " ASC", ",", ">=", "!=", "<>", "==", "=", "1e999", "-.5", "0x1",
        "run_id", "start_time", "status", "name", "creation_time", "mlflow.prompt.is_prompt", "%", "_", ";", "--", "/*",
    ];

    private static readonly string[] Entities = ["metrics", "params", "tags", "attributes", "datasets", "run", "parameter", "tag", "x", ""];
    private static readonly string[] GoodFields = ["metrics.m", "params.p", "tags.t", "start_time", "run_id", "status", "attributes.end_time", "name", "params.`a b`", "datasets.name"];
    private static readonly string[] Keys = ["m", "p", "t", "`a b`", "\"with space\"", "run_id", "start_time", "status", "name", "`a``b`", "a.b.c", "é", "Run Name", "digest"];
    private static readonly string[] Operators = ["=", "!=", ">", ">=", "<", "<=", "LIKE", "ILIKE", "IN", "NOT IN", "IS NULL", "IS NOT NULL", "is not null", "==", "BETWEEN"];

    public static string Make(Random random)
    {
        var text = new StringBuilder();
        if (random.Next(4) == 0)
        {
            for (var left = random.Next(1, 5); left > 0; left--)
            {
                text.Append(Field(random)).Append(Pick(random, ["", " ASC", " DESC", " desc", " x"])).Append(left > 1 ? Pick(random, [",", ", ", " , ", ";"]) : "");
            }

            return text.ToString();
        }

        for (var left = random.Next(20) == 0 ? random.Next(1, 2000) : random.Next(1, 5); left > 0; left--)
        {
            if (random.Next(3) > 0)
            {
                text.Append(Blank(random)).Append(GoodClause(random)).Append(left > 1 ? " AND " : "");
                continue;
            }

            var oper = Pick(random, Operators);
            text.Append(Blank(random)).Append(Field(random)).Append(Blank(random)).Append(' ').Append(oper).Append(' ').Append(Blank(random));
            if (!oper.Contains("NULL", StringComparison.OrdinalIgnoreCase))
            {
                text.Append(oper.EndsWith("IN", StringComparison.Ordinal) ? List(random) : Value(random));
            }

            text.Append(left > 1 ? Pick(random, [" AND ", " and ", " AND ", " OR ", "\nand\t"]) : "");
        }

        return text.ToString();
    }

    private static string Field(Random random)
    {
        if (random.Next(4) > 0)
        {
            return Pick(random, GoodFields);
        }

        var entity = Pick(random, Entities);
        return (entity.Length > 0 ? entity + "." : "") + Pick(random, Keys);
    }

    private static string GoodClause(Random random) => random.Next(4) switch
    {
        0 => $"{Pick(random, ["metrics.m", "start_time", "metrics.`a b`", "attributes.end_time"])} {Pick(random, ["=", "!=", ">", ">=", "<", "<="])} {Pick(random, ["1", "-1.5e-3", "1e999", ".5", "0"])}",
        1 => $"{Pick(random, ["params.p", "tags.t", "tags.`with space`", "name", "status"])} {Pick(random, ["=", "!=", "LIKE", "ILIKE", "like"])} {Pick(random, ["'a'", "'%'", "'_%_'", "\"b\"", "'" + new string('%', random.Next(60)) + "a'"])}",
        2 => $"{Pick(random, ["run_id", "datasets.name", "datasets.digest"])} {Pick(random, ["IN", "NOT IN", "not  in"])} {Pick(random, ["('a')", "('a', 'b')", "( \"a\" ,'b' , )"])}",
        _ => $"{Pick(random, ["params.p", "tags.t", "params.`a b`"])} {Pick(random, ["IS NULL", "is not null", "IS  NOT\tNULL"])}",
    };

    private static string Blank(Random random) => Pick(random, ["", "", "", "", "", "", "", "", "", "", " ", "\t", "\u00a0", random.Next(8) == 0 ? "((((" : "", random.Next(8) == 0 ? "--" : ""]);

    private static string List(Random random)
        => "(" + string.Join(Pick(random, [",", ", ", " , "]), Enumerable.Range(0, random.Next(0, 6)).Select(_ => Value(random))) + Pick(random, [")", ")", ",)", ""]);

    private static string Value(Random random) => Pick(
        random,
        [
            "'a'", "\"b\"", "'%'", "'" + new string('%', random.Next(60)) + "a'", "'_\ud83d\ude00'", "''", "'it''s'", "1", "-1.5e-3", "1e999", ".5", "5.", "0.1.2", "-", "nan",
            "'RUNNING'", "true", "'" + string.Concat(Enumerable.Repeat("a%", random.Next(80))) + "b'", "1_000", "'unclosed",
        ]);

    private static string Pick(Random random, string[] from) => from[random.Next(from.Length)];
}
