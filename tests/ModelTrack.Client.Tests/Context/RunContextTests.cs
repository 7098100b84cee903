namespace ModelTrack.Client.Tests.Context;

internal sealed class RunContextTests
{
    private const string Commit = "1111111111111111111111111111111111111111";

    private ScratchFolder _folder = null!;

    [SetUp]
    public void SetUp() => _folder = new ScratchFolder();

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [Test]
    public void A_run_is_told_who_what_and_from_which_commit()
    {
        _folder.Write("repo/.git/HEAD", "ref: refs/heads/main");
        _folder.Write("repo/.git/refs/heads/main", Commit);
        _folder.Write("repo/.git/config", "[remote \"origin\"]\nurl = https://ann:s3cret@h/r.git");

        var tags = new RunContext(Variables(("USER", "ann")), "/app/train.dll", _folder["repo"]).GetTags();

        Assert.That(tags, Is.EquivalentTo(new Dictionary<string, string>
        {
            ["mlflow.user"] = "ann",
            ["mlflow.source.name"] = "/app/train.dll",
            ["mlflow.source.type"] = "LOCAL",
            ["mlflow.source.git.commit"] = Commit,
            ["mlflow.source.git.branch"] = "main",
            ["mlflow.source.git.repoURL"] = "https://h/r.git",
        }));
    }

    [Test]
    public void What_is_not_known_has_no_tag()
        => Assert.That(new RunContext(Variables(), null).GetTags().Keys, Is.EquivalentTo(new[] { "mlflow.user", "mlflow.source.type" }));

    [Test]
    public void The_first_folder_that_lies_in_a_repository_decides()
    {
        _folder.Write("a/.git/HEAD", Commit);
        _folder.Write("b/.git/HEAD", Commit.Replace('1', '2'));

        var tags = new RunContext(Variables(), null, null, Path.GetPathRoot(_folder.Path), _folder["a"], _folder["b"]).GetTags();

        Assert.That(tags["mlflow.source.git.commit"], Is.EqualTo(Commit));
    }

    [Test]
    public void The_user_is_the_account_of_the_credentials_file_where_no_variable_names_one()
    {
        _folder.Write(".mlflow/credentials", "[mlflow]\nmlflow_tracking_username = ann\n");
        Assert.That(User(("USER", "b")), Is.EqualTo("ann"));
        Assert.That(User(("USER", "b"), ("MLFLOW_TRACKING_USERNAME", "s")), Is.EqualTo("s"));

        _folder.Write(".mlflow/credentials", "no section\n");
        Assert.That(User(("USER", "b")), Is.EqualTo("b"));

        string User(params (string Name, string Value)[] variables) => new RunContext(
            new TrackingEnvironment(name => variables.FirstOrDefault(v => v.Name == name).Value, null, _folder.Path), null).GetUser();
    }

    [Test]
    public void The_user_is_the_first_variable_that_is_set()
    {
        Assert.That(User(("LOGNAME", "a"), ("USER", "b"), ("USERNAME", "c")), Is.EqualTo("a"));
        Assert.That(User(("LOGNAME", ""), ("USER", "b")), Is.EqualTo("b"));
        Assert.That(User(("USERNAME", "c")), Is.EqualTo("c"));
        Assert.That(User(("MLFLOW_TRACKING_USERNAME", "s"), ("USER", "b")), Is.EqualTo("s"));
        Assert.That(User(), Is.Not.Empty);

        static string User(params (string, string)[] variables) => new RunContext(Variables(variables), null).GetUser();
    }

    [Test]
    public void The_environments_tags_win_over_those_that_were_found()
    {
        var tags = new RunContext(
            Variables(("MLFLOW_RUN_CONTEXT", """{"mlflow.source.type": "JOB", "team": "é", "n": 1, "b": true, "none": null}""")), "x").GetTags();

        Assert.That(tags["mlflow.source.type"], Is.EqualTo("JOB"));
        Assert.That(tags["team"], Is.EqualTo("é"));
        Assert.That(tags["n"], Is.EqualTo("1"));
        Assert.That(tags["b"], Is.EqualTo("True")); // As Python's str.
        Assert.That(tags["none"], Is.Empty);
    }

    [TestCase("{")]
    [TestCase("no json")]
    [TestCase("[]")]
    [TestCase("\"a\"")]
    [TestCase("{\"a#b\": \"c\"}")]
    [TestCase("{\"\": \"c\"}")]
    [TestCase("{\"a\": \"\\ud800\"}")]
    public void A_context_that_is_no_object_of_tags_is_refused_with_the_variables_name(string json)
        => Assert.That(
            () => new RunContext(Variables(("MLFLOW_RUN_CONTEXT", json)), null).GetTags(),
            Throws.ArgumentException.With.Message.Contains("MLFLOW_RUN_CONTEXT"));

    [Test]
    public void A_found_text_that_breaks_a_rule_is_left_out()
        => Assert.That(
            new RunContext(Variables(("USER", new string('a', 8001))), new string(['x', '\ud800'])).GetTags().Keys,
            Is.EquivalentTo(new[] { "mlflow.source.type" }));

    [Test]
    public void This_process_has_a_program_and_a_user()
    {
        var tags = RunContext.Current(new TrackingEnvironment(_ => null)).GetTags();

        Assert.That(tags["mlflow.user"], Is.Not.Empty);
        Assert.That(Path.IsPathFullyQualified(tags["mlflow.source.name"]));
        Assert.That(tags["mlflow.source.type"], Is.EqualTo("LOCAL"));
    }

    private static TrackingEnvironment Variables(params (string Name, string Value)[] variables)
        => new(name => variables.Where(v => v.Name == name).Select(v => v.Value).FirstOrDefault());
}
