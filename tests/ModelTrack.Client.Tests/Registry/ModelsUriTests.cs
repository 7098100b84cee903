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
}
