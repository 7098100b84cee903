namespace ModelTrack.Client.Tests.Registry;

internal sealed class ModelsUriTests
{
    [Test]
    public void All_forms_are_taken_apart()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(ModelsUri.Parse("models:/a model/3"), Has.Property("Name").EqualTo("a model").And.Property("Version").EqualTo(3));
            Assert.That(ModelsUri.Parse("models:/a/Latest"), Has.Property("Version").Null.And.Property("Stage").Null);
            Assert.That(ModelsUri.Parse("models:/a/production").Stage, Is.EqualTo(ModelStage.Production));
            Assert.That(ModelsUri.Parse("models:/a/None").Stage, Is.EqualTo(ModelStage.None));
            Assert.That(ModelsUri.Parse("models:/a@b@c"), Has.Property("Name").EqualTo("a@b").And.Property("Alias").EqualTo("c"));
            Assert.That(ModelsUri.Parse("models:/m-0a"), Has.Property("ModelId").EqualTo("m-0a").And.Property("Name").Empty);
            Assert.That(ModelsUri.Parse("models:/m-a@b"), Has.Property("Name").EqualTo("m-a").And.Property("ModelId").Null);
            Assert.That(ModelsUri.Parse("models:/a%20b/3").Name, Is.EqualTo("a%20b"));
        }
    }

    [TestCase("models:/")]
    [TestCase("models:/a")]
    [TestCase("models:/a/")]
    [TestCase("models:/a/0")]
    [TestCase("models:/a/99999999999")]
    [TestCase("models:/a/bogus")]
    [TestCase("models:/a/7/b")]
    [TestCase("models:/@a")]
    [TestCase("models:/a@")]
    [TestCase("models://profile/a/1")]
    [TestCase("models:a/1")]
    [TestCase("runs:/a/1")]
    public void Other_texts_are_refused(string uri)
        => Assert.That(Assert.Throws<ArgumentException>(() => ModelsUri.Parse(uri))!.Message, Does.Contain(uri).And.Contain("models:/name@alias"));

    [TestCase("models:/a/3", "a 3", "")]
    [TestCase("models:/a/3/", "a 3", "")]
    [TestCase("models:/a/3/sub/file", "a 3", "sub/file")]
    [TestCase("models:/a/Production/x", "a Production", "x")]
    [TestCase("models:/a@b/sub/file", "a@b", "sub/file")]
    [TestCase("models:/m-0a", "m-0a", "")]
    [TestCase("models:/m-0a/sub/file", "m-0a", "sub/file")]
    [TestCase("models:/m-0a/MLmodel", "m-0a", "MLmodel")]
    [TestCase("models:/m-0a/3", "m-0a 3", "")]
    [TestCase("models:/m-0a/latest/x", "m-0a latest", "x")]
    public void A_path_inside_the_model_may_follow(string uri, string model, string expected)
    {
        var parsed = ModelsUri.Parse(uri, out var path);
        Assert.That(parsed, Is.EqualTo(ModelsUri.Parse("models:/" + model.Replace(' ', '/'))));
        Assert.That(path, Is.EqualTo(expected));
    }

    [TestCase("models:/")]
    [TestCase("models:/a")]
    [TestCase("models:/a/bogus/x")]
    [TestCase("models:/a/1/../x")]
    [TestCase("models:/a/1//x")]
    [TestCase("models:/a@b/%2e%2e/x")]
    [TestCase("models://profile/a/1")]
    public void Other_texts_with_paths_are_refused(string uri)
        => Assert.Throws<ArgumentException>(() => ModelsUri.Parse(uri, out _));
}
