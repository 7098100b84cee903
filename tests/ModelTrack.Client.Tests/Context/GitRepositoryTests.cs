namespace ModelTrack.Client.Tests.Context;

internal sealed class GitRepositoryTests
{
    private const string One = "1111111111111111111111111111111111111111";
    private const string Two = "2222222222222222222222222222222222222222";

    private ScratchFolder _folder = null!;

    [SetUp]
    public void SetUp() => _folder = new ScratchFolder();

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [Test]
    public void A_branch_of_its_own_file_gives_its_commit()
    {
        _folder.Write(".git/HEAD", "ref: refs/heads/feature/x\n");
        _folder.Write(".git/refs/heads/feature/x", One + "\n");
        _folder.Write(".git/packed-refs", $"{Two} refs/heads/feature/x\n");

        Assert.That(Head(), Is.EqualTo((One, "feature/x")));
    }

    [Test]
    public void A_packed_branch_gives_its_commit()
    {
        _folder.Write(".git/HEAD", "ref: refs/heads/main\n");
        _folder.Write(".git/packed-refs", $"# pack-refs with: peeled fully-peeled sorted \n{Two} refs/heads/main2\n{One} refs/heads/main\n^{Two}\n");

        Assert.That(Head(), Is.EqualTo((One, "main")));
    }

    [TestCase(One)]
    [TestCase("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void A_detached_head_has_no_branch(string commit)
    {
        _folder.Write(".git/HEAD", commit + "\n");

        Assert.That(Head(), Is.EqualTo((commit, (string?)null)));
    }

    [Test]
    public void Before_the_first_commit_there_is_only_a_branch()
    {
        _folder.Write(".git/HEAD", "ref: refs/heads/main\n");

        Assert.That(Head(), Is.EqualTo(((string?)null, "main")));
    }

    [Test]
    public void A_reference_to_a_reference_is_followed_but_not_for_ever()
    {
        _folder.Write(".git/HEAD", "ref: refs/heads/a\n");
        _folder.Write(".git/refs/heads/a", "ref: refs/heads/b\n");
        _folder.Write(".git/refs/heads/b", One);
        Assert.That(Head(), Is.EqualTo((One, "a")));

        _folder.Write(".git/refs/heads/b", "ref: refs/heads/a\n");
        Assert.That(Head(), Is.EqualTo(((string?)null, "a")));
    }

    [TestCase("")]
    [TestCase("garbage")]
    [TestCase("ref: refs/heads/.invalid")]
    [TestCase("ref: ../secret")]
    [TestCase("ref: refs/../../secret")]
    [TestCase("ref: /etc/passwd")]
    [TestCase("ref: refs/heads/a\0b")]
    [TestCase("111111111111111111111111111111111111111z")]
    public void A_strange_head_gives_nothing(string head)
    {
        _folder.Write("secret", One);
        _folder.Write(".git/HEAD", head);

        Assert.That(Head(), Is.EqualTo(((string?)null, (string?)null)));
    }

    [Test]
    public void A_reference_that_is_a_folder_gives_no_commit()
    {
        _folder.Write(".git/HEAD", "ref: refs/heads/main\n");
        Directory.CreateDirectory(_folder[".git/refs/heads/main"]);

        Assert.That(Head(), Is.EqualTo(((string?)null, "main")));
    }

    [Test]
    public void It_is_searched_upward()
    {
        _folder.Write(".git/HEAD", One);
        Directory.CreateDirectory(_folder["src/app/bin"]);

        Assert.That(GitRepository.Find(_folder["src/app/bin"])!.ReadHead().Commit, Is.EqualTo(One));
        Assert.That(GitRepository.Find(_folder["src/not-there"])!.ReadHead().Commit, Is.EqualTo(One));
    }

    [Test]
    public void An_empty_git_folder_is_no_repository()
    {
        _folder.Write(".git/HEAD", One);
        Directory.CreateDirectory(_folder["src/.git"]);

        Assert.That(GitRepository.Find(_folder["src"])!.ReadHead().Commit, Is.EqualTo(One));
    }

    [TestCase(null)]
    [TestCase("")]
    [TestCase("a\0b")]
    public void Nowhere_is_no_repository(string? folder) => Assert.That(GitRepository.Find(folder), Is.Null);

    [TestCase(true)]
    [TestCase(false)]
    public void A_worktree_has_its_own_head_and_the_main_repositorys_rest(bool absolute)
    {
        _folder.Write("main/.git/HEAD", "ref: refs/heads/main\n");
        _folder.Write("main/.git/refs/heads/main", Two);
        _folder.Write("main/.git/refs/heads/topic", One);
        _folder.Write("main/.git/config", "[remote \"origin\"]\n\turl = https://t@h/r\n");
        _folder.Write("main/.git/worktrees/wt/HEAD", "ref: refs/heads/topic\n");
        _folder.Write("main/.git/worktrees/wt/commondir", "../..\n");
        _folder.Write("wt/.git", $"gitdir: {(absolute ? _folder["main/.git/worktrees/wt"] : "../main/.git/worktrees/wt")}\n");

        var repository = GitRepository.Find(_folder["wt"])!;

        Assert.That(repository.ReadHead(), Is.EqualTo((One, "topic")));
        Assert.That(repository.ReadRemoteUrl(), Is.EqualTo("https://h/r"));
    }

    [Test]
    public void A_submodule_is_its_own_repository()
    {
        _folder.Write(".git/HEAD", Two);
        _folder.Write(".git/modules/sub/HEAD", One);
        _folder.Write(".git/modules/sub/config", "[remote \"origin\"]\n\turl = ../sub.git\n");
        _folder.Write("sub/.git", "gitdir: ../.git/modules/sub\n");

        var repository = GitRepository.Find(_folder["sub"])!;

        Assert.That(repository.ReadHead().Commit, Is.EqualTo(One));
        Assert.That(repository.ReadRemoteUrl(), Is.EqualTo("../sub.git"));
    }

    [Test]
    public void A_worktree_whose_repository_is_gone_gives_nothing()
    {
        _folder.Write("wt/.git", "gitdir: /not/there\n");

        var repository = GitRepository.Find(_folder["wt"])!;

        Assert.That(repository.ReadHead(), Is.EqualTo(((string?)null, (string?)null)));
        Assert.That(repository.ReadRemoteUrl(), Is.Null);
    }

    private (string?, string?) Head() => GitRepository.Find(_folder.Path)!.ReadHead();
}
