namespace ModelTrack.Client.Tests.Context;

internal sealed class TrackingUriTests
{
    private static readonly string Root = OperatingSystem.IsWindows() ? @"C:\work" : "/work/nowhere";

    [TestCase("mlruns", "mlruns", FolderAddressing.PlainPath)]
    [TestCase("./mlruns", "mlruns", FolderAddressing.PlainPath)]
    [TestCase("./mlruns/", "mlruns", FolderAddressing.PlainPath)]
    [TestCase("a/../b", "b", FolderAddressing.PlainPath)]
    [TestCase("sp ace", "sp ace", FolderAddressing.PlainPath)]
    [TestCase("sp%20ace", "sp ace", FolderAddressing.PlainPath)]
    [TestCase(" mlruns ", "mlruns", FolderAddressing.PlainPath)]
    [TestCase("a#b?c", "a#b?c", FolderAddressing.PlainPath)]
    [TestCase("./databricks", "databricks", FolderAddressing.PlainPath)]
    [TestCase("file:./x", "x", FolderAddressing.FileUri)]
    [TestCase("file:x", "x", FolderAddressing.FileUri)]
    [TestCase("FILE:x%20y", "x y", FolderAddressing.FileUri)]
    public void A_relative_folder_starts_from_the_current_one(string uri, string folder, object addressing)
    {
        var parsed = TrackingUri.Parse(uri, Root);

        Assert.That(parsed.Kind, Is.EqualTo(TrackingUriKind.Files));
        Assert.That(parsed.Folder, Is.EqualTo(Path.Combine(Root, folder)));
        Assert.That(parsed.Addressing, Is.EqualTo(addressing));
        Assert.That(parsed.Destination, Is.EqualTo(parsed.Folder));
        Assert.That(parsed.Server, Is.Null);
    }

    [TestCase("/data/runs", "/data/runs", FolderAddressing.PlainPath)]
    [TestCase("/data/sp%20ace/", "/data/sp ace", FolderAddressing.PlainPath)]
    [TestCase("file:///data/x%20y", "/data/x y", FolderAddressing.FileUri)]
    [TestCase("file:/data/x", "/data/x", FolderAddressing.FileUri)]
    [TestCase("file://localhost/data/x", "/data/x", FolderAddressing.FileUri)]
    [TestCase("file:///data/%E6%97%A5", "/data/日", FolderAddressing.FileUri)]
    [TestCase("/", "/", FolderAddressing.PlainPath)]
    public void An_absolute_folder_is_taken_as_it_is(string uri, string folder, object addressing)
    {
        Assume.That(OperatingSystem.IsWindows(), Is.False);
        var parsed = TrackingUri.Parse(uri, Root);

        Assert.That(parsed.Folder, Is.EqualTo(folder));
        Assert.That(parsed.Addressing, Is.EqualTo(addressing));
    }

    [TestCase(@"C:\runs")]
    [TestCase("c:/runs")]
    public void A_drive_is_no_scheme(string uri) => Assert.That(TrackingUri.Parse(uri, Root).Kind, Is.EqualTo(TrackingUriKind.Files));

    [Test]
    public void A_folder_whose_real_name_looks_encoded_comes_first()
    {
        using var folder = new ScratchFolder();
        Directory.CreateDirectory(folder["x%20y"]);

        Assert.That(TrackingUri.Parse("x%20y", folder.Path).Folder, Is.EqualTo(folder["x%20y"]));
        Assert.That(TrackingUri.Parse("file:x%20y", folder.Path).Folder, Is.EqualTo(folder["x%20y"]));
        Assert.That(TrackingUri.Parse("z%20y", folder.Path).Folder, Is.EqualTo(folder["z y"]));
    }

    [TestCase("http://mlflow:5000", "http://mlflow:5000")]
    [TestCase("http://mlflow:5000/", "http://mlflow:5000")]
    [TestCase("HTTPS://Host.Example/base/path//", "https://host.example/base/path")]
    [TestCase("https://h:443/x", "https://h/x")]
    [TestCase("http://[::1]:5000", "http://[::1]:5000")]
    public void A_server_has_a_normal_form(string uri, string destination)
    {
        var parsed = TrackingUri.Parse(uri);

        Assert.That(parsed.Kind, Is.EqualTo(TrackingUriKind.Rest));
        Assert.That(parsed.Destination, Is.EqualTo(destination));
        Assert.That(parsed.Folder, Is.Null);
    }

    [TestCase("https://ann:s3cret@h/x")]
    [TestCase("https://a%40b:p%3Aw%2F@h/x")]
    [TestCase("https://ann@h/x")]
    [TestCase("https://:s3cret@h/x")]
    public void User_info_is_not_shown(string uri)
    {
        var parsed = TrackingUri.Parse(uri);

        Assert.That(parsed.ToString(), Is.EqualTo("https://h/x"));
        Assert.That(parsed.Server!.UserInfo, Is.Empty);
    }

    [TestCase("https://ann:s3cret@h/x", "ann", "s3cret")]
    [TestCase("https://a%40b:p%3Aw%2F@h/x", "a@b", "p:w/")]
    [TestCase("https://ann@h/x", "ann", null)]
    [TestCase("https://:s3cret@h/x", null, "s3cret")]
    public void User_info_is_kept_aside(string uri, string? name, string? password)
    {
        var info = TrackingUri.Parse(uri).UserInfo;

        Assert.That(info!.Name, Is.EqualTo(name));
        Assert.That(info.Password, Is.EqualTo(password));
    }

    [Test]
    public void A_server_without_user_info_has_none() => Assert.That(TrackingUri.Parse("https://h").UserInfo, Is.Null);

    [TestCase("databricks", null)]
    [TestCase("databricks://Lab", "Lab")]
    [TestCase("DATABRICKS://Lab/", "Lab")]
    public void Databricks_is_a_server_that_its_configuration_knows(string uri, string? profile)
    {
        var parsed = TrackingUri.Parse(uri);

        Assert.That(parsed.Kind, Is.EqualTo(TrackingUriKind.Rest));
        Assert.That(parsed.DatabricksProfile, Is.EqualTo(profile));
        Assert.That(parsed.Destination, Is.EqualTo(profile is null ? "databricks" : "databricks://Lab"));
        Assert.That(parsed.Server, Is.Null);
    }

    [TestCase("databricks-uc", "Unity Catalog")]
    [TestCase("databricks-uc://profile", "Unity Catalog")]
    [TestCase("databricks://scope:prefix", "databricks://<profile>")]
    public void What_Databricks_has_besides_is_refused_with_what_to_do(string uri, string message)
        => Assert.That(() => TrackingUri.Parse(uri), Throws.TypeOf<NotSupportedException>().With.Message.Contains(message));

    [TestCase("http://")]
    [TestCase("http://ann:s3cret@")]
    [TestCase("http://ann:s3/cret@h:port")]
    [TestCase("https://ann:s3cret@h/?x=1")]
    [TestCase("https://ann:s3cret@h/#x")]
    public void A_server_that_is_no_URL_is_refused_without_showing_a_password(string uri)
        => Assert.That(() => TrackingUri.Parse(uri), Throws.ArgumentException.With.Message.Not.Contains("s3"));

    [TestCase("sqlite:///mlflow.db", "sqlite:///mlflow.db")]
    [TestCase("postgresql://ann:s3cret@h:5432/db", "postgresql://ann:***@h:5432/db")]
    [TestCase("postgresql+psycopg2://ann:s3@cret@h/db", "postgresql+psycopg2://ann:***@h/db")]
    [TestCase("mysql+pymysql://ann:s3:cret@h/db?password=s3cret", "mysql+pymysql://ann:***@h/db?***")]
    [TestCase("mysql://ann:s3?cret@h/db", "mysql://ann:***@h/db")]
    [TestCase("mysql://ann:s3?cret@h/db?a=1", "mysql://ann:***@h/db?***")]
    [TestCase("mssql+pyodbc://ann@h/db", "mssql+pyodbc://ann@h/db")]
    [TestCase("mssql://ann:s3/cret@h:1433/db", "mssql://ann:***@h:1433/db")]
    public void A_database_is_refused_with_the_command_that_serves_it(string uri, string shown)
        => Assert.That(() => TrackingUri.Parse(uri), Throws.TypeOf<NotSupportedException>()
            .With.Message.Contains($"`mlflow server --backend-store-uri {shown}`").And.Message.Not.Contains("cret"));

    [TestCase("")]
    [TestCase("  ")]
    [TestCase("file:")]
    [TestCase("file://")]
    [TestCase("ftp://h/x")]
    [TestCase("s3://bucket/x")]
    [TestCase("localhost:5000")]
    [TestCase("databricks://")]
    [TestCase("databricks:profile")]
    [TestCase("databricks://pro file")]
    [TestCase("databricks://profile/path")]
    [TestCase("a\0b")]
    public void What_leads_nowhere_is_refused(string uri) => Assert.That(() => TrackingUri.Parse(uri), Throws.ArgumentException);

    [Test]
    public void A_file_URI_with_a_host_is_refused_where_there_are_no_shares()
    {
        Assume.That(OperatingSystem.IsWindows(), Is.False);
        Assert.That(() => TrackingUri.Parse("file://mlruns/x"), Throws.ArgumentException.With.Message.Contains("host"));
        Assert.That(() => TrackingUri.Parse("file://./mlruns"), Throws.ArgumentException.With.Message.Contains("file:./folder"));
    }

    [TestCase("memory:")]
    [TestCase("memory://")]
    public void Memory_is_for_tests(string uri) => Assert.That(TrackingUri.Parse(uri).Kind, Is.EqualTo(TrackingUriKind.Memory));

    [TestCase(null, null, "mlruns", FolderAddressing.Implicit)]
    [TestCase("", null, "mlruns", FolderAddressing.Implicit)]
    [TestCase(null, "store", "store", FolderAddressing.Implicit)]
    [TestCase(null, "file:st%20re", "st re", FolderAddressing.Implicit)]
    [TestCase("./other", "store", "other", FolderAddressing.PlainPath)]
    public void The_environment_decides_when_nobody_says(string? uri, string? directory, string folder, object addressing)
    {
        var variables = new Dictionary<string, string?> { ["MLFLOW_TRACKING_URI"] = uri, ["MLFLOW_TRACKING_DIR"] = directory };

        var parsed = TrackingUri.FromEnvironment(new TrackingEnvironment(variables.GetValueOrDefault), Root);

        Assert.That(parsed.Folder, Is.EqualTo(Path.Combine(Root, folder)));
        Assert.That(parsed.Addressing, Is.EqualTo(addressing));
    }
}
