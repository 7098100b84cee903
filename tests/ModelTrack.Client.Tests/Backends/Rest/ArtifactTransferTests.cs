using System.Globalization;
using System.Net;
using Microsoft.Extensions.Time.Testing;
using ModelTrack.Client.Tests.Artifacts;

namespace ModelTrack.Client.Tests.Backends.Rest;

/// <summary>Transfers over a network that is slow, breaks, or has limits.</summary>
internal sealed class ArtifactTransferTests
{
    private const string Run = RestKit.RunId;
    private const int Megabyte = 1 << 20;

    private ScratchFolder _folder = null!;

    [SetUp]
    public void SetUp() => _folder = new ScratchFolder();

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [Test]
    [NonParallelizable]
    public async Task A_large_file_passes_through_without_being_held_in_memory()
    {
        const int Size = 64 * Megabyte;
        using (var file = File.Create(_folder["big"]))
        {
            file.SetLength(Size);
        }

        var received = 0L;
        var chunk = new byte[Megabyte];
        using var server = new ByteServer(async e =>
        {
            if (e.Method == "PUT")
            {
                for (var buffer = new byte[Megabyte]; await e.ReadSomeAsync(buffer) is > 0 and var count;)
                {
                    received += count;
                }

                await e.AnswerAsync(200);
                return;
            }

            await e.BeginAnswerAsync(200, Size);
            for (var sent = 0; sent < Size; sent += chunk.Length)
            {
                await e.WriteAsync(chunk);
            }
        });
        using var kit = new RestKit(server.Address);
        var before = GC.GetTotalAllocatedBytes(precise: true);

        await kit.Artifacts.UploadAsync(Run, "big", _folder["big"], null, default);
        await kit.Artifacts.DownloadAsync(Run, "big", _folder["copy"], null, default);
        using var opened = await kit.Artifacts.OpenAsync(Run, "big", default);
        await opened.CopyToAsync(Stream.Null);

        Assert.That(received, Is.EqualTo(Size));
        Assert.That(new FileInfo(_folder["copy"]).Length, Is.EqualTo(Size));
        // All that was allocated on the way, in the server of this test too: a fraction of one of the three files.
        Assert.That(GC.GetTotalAllocatedBytes(precise: true) - before, Is.LessThan(24 * Megabyte));
    }

    [Test]
    public async Task An_upload_that_is_reset_in_the_middle_is_sent_again_from_its_beginning()
    {
        var content = RandomFile(3 * Megabyte);
        var tries = 0;
        using var server = new ByteServer(async e =>
        {
            if (Interlocked.Increment(ref tries) < 3)
            {
                await e.ReadSomeAsync(new byte[100_000]);
                return;
            }

            await e.ReadBodyAsync();
            await e.AnswerAsync(200);
        });
        using var kit = new RestKit(server.Address);
        var progress = new Sums();

        await kit.Artifacts.UploadAsync(Run, "a.bin", _folder["local"], progress, default);

        Assert.That(tries, Is.EqualTo(3));
        Assert.That(server.Exchanges[^1].Body.AsSpan().SequenceEqual(content));
        Assert.That(progress.Last, Is.EqualTo(content.Length));
    }

    [Test]
    public async Task A_download_that_is_reset_in_the_middle_is_fetched_again_from_its_beginning()
    {
        var content = RandomBytes(3 * Megabyte);
        var tries = 0;
        using var server = new ByteServer(async e =>
        {
            await e.BeginAnswerAsync(200, content.Length);
            if (Interlocked.Increment(ref tries) < 3)
            {
                await e.WriteAsync(content.AsMemory(0, 2 * Megabyte));
                e.BreakOff();
                return;
            }

            await e.WriteAsync(content);
        });
        using var kit = new RestKit(server.Address);
        var progress = new Sums();

        await kit.Artifacts.DownloadAsync(Run, "a.bin", _folder["out"], progress, default);

        Assert.That(tries, Is.EqualTo(3));
        Assert.That(File.ReadAllBytes(_folder["out"]).AsSpan().SequenceEqual(content));
        Assert.That(progress.Last, Is.EqualTo(content.Length));
    }

    [Test]
    public void A_download_that_keeps_breaking_off_is_a_failure_that_may_pass()
    {
        using var server = new ByteServer(async e =>
        {
            await e.BeginAnswerAsync(200, 1000);
            await e.WriteAsync(new byte[500]);
            e.BreakOff();
        });
        using var kit = new RestKit(server.Address);

        var thrown = Assert.ThrowsAsync<ModelTrackException>(
            async () => await kit.Artifacts.DownloadAsync(Run, "sub/a.bin", _folder["out"], null, default));

        Assert.That(thrown!.IsTransient);
        Assert.That(thrown.Message, Does.Contain("sub/a.bin").And.Contain(server.Address.ToString()));
        Assert.That(server.Exchanges, Has.Count.GreaterThan(1));
    }

    [Test]
    public void A_stream_that_breaks_off_says_so_to_who_reads_it()
    {
        using var server = new ByteServer(async e =>
        {
            await e.BeginAnswerAsync(200, 1000);
            await e.WriteAsync(new byte[500]);
            e.ClosesConnection = true;
        });
        using var kit = new RestKit(server.Address);

        Assert.That(
            async () =>
            {
                using var opened = await kit.Artifacts.OpenAsync(Run, "a.bin", default);
                await opened.CopyToAsync(Stream.Null);
            },
            Throws.InstanceOf<IOException>());
    }

    [Test]
    public void A_server_that_falls_silent_is_not_waited_for()
    {
        using var over = new CancellationTokenSource();
        using var server = new ByteServer(async e =>
        {
            await e.BeginAnswerAsync(200, 1000);
            await e.WriteAsync(new byte[500]);
            await Task.Delay(Timeout.Infinite, over.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        });
        // The time-out of two minutes is a tenth of a second here.
        using var kit = new RestKit(server.Address, clock: new HurriedClock(time => time <= TimeSpan.FromSeconds(2) ? TimeSpan.Zero : TimeSpan.FromMilliseconds(100)));

        Assert.That(
            async () => await kit.Artifacts.DownloadAsync(Run, "a.bin", _folder["out"], null, default),
            Throws.TypeOf<ModelTrackException>().With.Property("IsTransient").True);
        over.Cancel();
    }

    [Test]
    public async Task Who_reads_from_a_server_that_falls_silent_is_told()
    {
        var clock = new FakeTimeProvider();
        using var over = new CancellationTokenSource();
        using var server = new ByteServer(async e =>
        {
            await e.BeginAnswerAsync(200, 1000);
            await e.WriteAsync(new byte[500]);
            await Task.Delay(Timeout.Infinite, over.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        });
        using var kit = new RestKit(server.Address, clock: clock);
        using var opened = await kit.Artifacts.OpenAsync(Run, "a.bin", default);
        await opened.ReadExactlyAsync(new byte[500]);

        clock.Advance(TimeSpan.FromHours(1)); // Who reads may take all the time.
        var read = opened.ReadAsync(new byte[1]).AsTask();
        clock.Advance(TimeSpan.FromSeconds(121));

        Assert.That(async () => await read, Throws.InstanceOf<IOException>().With.Message.Contains("sent nothing for 120 s"));
        await over.CancelAsync();
    }

    [Test]
    public async Task A_transfer_may_take_longer_than_the_time_out_as_long_as_something_comes()
    {
        const int Steps = 12;
        var clock = new FakeTimeProvider();
        using var next = new SemaphoreSlim(1);
        using var server = new ByteServer(async e =>
        {
            await e.BeginAnswerAsync(200, Steps * FileCopy.BufferSize);
            for (var i = 0; i < Steps; i++)
            {
                await next.WaitAsync();
                await e.WriteAsync(new byte[FileCopy.BufferSize]);
            }
        });
        using var kit = new RestKit(server.Address, clock: clock);
        var progress = new Sums(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(90)); // Of 120.
            next.Release();
        });

        await kit.Artifacts.DownloadAsync(Run, "a.bin", _folder["out"], progress, default);

        Assert.That(progress.Last, Is.EqualTo(Steps * FileCopy.BufferSize));
        Assert.That(server.Exchanges, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_store_behind_the_server_gets_time_for_a_large_file()
    {
        RandomFile(3 * Megabyte);
        var clock = new FakeTimeProvider();
        using var server = new ByteServer(async e =>
        {
            await e.ReadBodyAsync();
            clock.Advance(TimeSpan.FromSeconds(122)); // The time-out, and a second for each megabyte.
            await e.AnswerAsync(200);
        });
        using var kit = new RestKit(server.Address, clock: clock);

        await kit.Artifacts.UploadAsync(Run, "a.bin", _folder["local"], null, default);

        Assert.That(server.Exchanges, Has.Count.EqualTo(1));
    }

    [TestCase(413, "client_max_body_size")]
    [TestCase(504, "proxy_read_timeout")]
    public void A_proxys_limit_is_named_with_the_file_and_its_size(int status, string limit)
    {
        RandomFile(5 * Megabyte);
        // As nginx: the answer comes before the body is read, and what still comes is thrown away.
        using var server = new ByteServer(e => e.AnswerAsync(status, "<html><body>nginx</body></html>"));
        using var kit = new RestKit(server.Address);

        var thrown = Assert.ThrowsAsync<ModelTrackException>(
            async () => await kit.Artifacts.UploadAsync(Run, "sub/model.zip", _folder["local"], null, default));

        Assert.That(thrown!.StatusCode, Is.EqualTo((HttpStatusCode)status));
        Assert.That(thrown.IsTransient, Is.EqualTo(status == 504));
        Assert.That(thrown.Message, Does.Contain("sub/model.zip").And.Contain("5 MiB").And.Contain("proxy").And.Contain(limit)
            .And.Contain("MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD"));
    }

    [Test]
    public void A_refusal_before_the_body_costs_no_upload()
    {
        RandomFile(50 * Megabyte);
        var read = 0L;
        using var server = new ByteServer(async e =>
        {
            read = e.Length;
            await e.AnswerAsync(413, "");
            e.ClosesConnection = true;
        });
        using var kit = new RestKit(server.Address);
        var progress = new Sums();

        Assert.That(
            async () => await kit.Artifacts.UploadAsync(Run, "a.bin", _folder["local"], progress, default),
            Throws.TypeOf<ModelTrackException>().With.Property("StatusCode").EqualTo(HttpStatusCode.RequestEntityTooLarge));
        Assert.That(read, Is.EqualTo(50 * Megabyte));
        Assert.That(progress.Last, Is.Zero);
    }

    [Test]
    public async Task Several_parts_are_under_way_at_a_time_and_one_that_fails_is_sent_again_alone()
    {
        var content = RandomFile(10_000);
        var failed = 0;
        using var store = new ByteServer(async e =>
        {
            var number = NumberOf(e);
            if (number == 4 && Interlocked.Increment(ref failed) <= 2)
            {
                if (failed == 1)
                {
                    await e.ReadSomeAsync(new byte[100]);
                    return; // A reset.
                }

                await e.AnswerAsync(503, "SlowDown");
                return;
            }

            await e.ReadBodyAsync();
            await e.AnswerAsync(200, "", $"ETag: \"tag{number}\"");
        });
        using var server = MultipartServer(store, 10);
        using var kit = new RestKit(server.Address, settings: InParts);
        var progress = new Sums();

        await kit.Artifacts.UploadAsync(Run, "sub/a.bin", _folder["local"], progress, default);

        Assert.That(store.Exchanges, Has.Count.EqualTo(12));
        Assert.That(
            store.Exchanges.Where(e => e.Body.Length > 0).OrderBy(NumberOf).SelectMany(e => e.Body),
            Is.EqualTo(content));
        var parts = System.Text.Json.Nodes.JsonNode.Parse(server.Exchanges[^1].Body)!["parts"]!.AsArray();
        Assert.That(parts.Select(part => (int)part!["part_number"]!), Is.EqualTo(Enumerable.Range(1, 10)));
        Assert.That(parts.Select(part => (string)part!["etag"]!), Is.EqualTo(Enumerable.Range(1, 10).Select(n => $"\"tag{n}\"")));
        Assert.That(progress.Last, Is.EqualTo(content.Length));
        Assert.That(server.Requests, Has.None.Contains("abort"));
    }

    [Test]
    public void A_cancelled_upload_in_parts_is_aborted()
    {
        RandomFile(3000);
        using var cancel = new CancellationTokenSource();
        using var store = new ByteServer(async _ =>
        {
            await cancel.CancelAsync();
            await Task.Delay(Timeout.Infinite, cancel.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        });
        using var server = MultipartServer(store, 3);
        using var kit = new RestKit(server.Address, settings: InParts);

        Assert.That(
            async () => await kit.Artifacts.UploadAsync(Run, "sub/a.bin", _folder["local"], null, cancel.Token),
            Throws.InstanceOf<OperationCanceledException>());
        Assert.That(server.Requests.Last(), Does.StartWith("POST /api/2.0/mlflow-artifacts/mpu/abort/"));
    }

    [Test]
    public async Task A_file_below_the_minimum_goes_whole()
    {
        RandomFile(999);
        using var server = new ByteServer(async e =>
        {
            await e.ReadBodyAsync();
            await e.AnswerAsync(200);
        });
        using var kit = new RestKit(server.Address, settings: InParts with { MultipartUploadMinimum = 1000 });

        await kit.Artifacts.UploadAsync(Run, "a.bin", _folder["local"], null, default);

        Assert.That(server.Requests.Single(), Does.StartWith("PUT "));
    }

    [Test]
    public async Task A_large_file_is_fetched_in_ranges_and_one_that_breaks_off_is_fetched_again_alone()
    {
        var content = RandomBytes(10_500);
        var broken = 0;
        using var store = new ByteServer(async e =>
        {
            var (from, to) = RangeOf(e);
            await e.BeginAnswerAsync(206, to - from + 1, $"Content-Range: bytes {from}-{to}/{content.Length}", "ETag: \"one\"");
            if (from == 3000 && Interlocked.Increment(ref broken) == 1)
            {
                await e.WriteAsync(content.AsMemory(from, 10));
                e.BreakOff();
                return;
            }

            await e.WriteAsync(content.AsMemory(from, to - from + 1));
        });
        using var server = PresigningServer(() => store.Address, content.Length);
        using var kit = new RestKit(server.Address, settings: InParts);
        var progress = new Sums();

        await kit.Artifacts.DownloadAsync(Run, "a.bin", _folder["out"], progress, default);

        Assert.That(File.ReadAllBytes(_folder["out"]), Is.EqualTo(content));
        Assert.That(store.Exchanges, Has.Count.EqualTo(12));
        Assert.That(store.Exchanges.Select(e => e.Headers.GetValueOrDefault("X-Signed")), Is.All.EqualTo("yes"));
        Assert.That(store.Exchanges.Select(e => e.Headers.ContainsKey("Authorization")), Is.All.False);
        Assert.That(progress.Last, Is.EqualTo(content.Length));
    }

    [Test]
    public async Task A_url_that_expires_on_the_way_is_signed_anew()
    {
        var content = RandomBytes(5000);
        using var store = new ByteServer(async e =>
        {
            var (from, to) = RangeOf(e);
            if (from >= 2000 && e.Target.EndsWith("=1", StringComparison.Ordinal))
            {
                await e.AnswerAsync(403, "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>");
                return;
            }

            await e.BeginAnswerAsync(206, to - from + 1, $"Content-Range: bytes {from}-{to}/{content.Length}");
            await e.WriteAsync(content.AsMemory(from, to - from + 1));
        });
        using var server = PresigningServer(() => store.Address, content.Length);
        using var kit = new RestKit(server.Address, settings: InParts with { ParallelParts = 1 });

        await kit.Artifacts.DownloadAsync(Run, "a.bin", _folder["out"], null, default);

        Assert.That(File.ReadAllBytes(_folder["out"]), Is.EqualTo(content));
        Assert.That(server.Requests.Count(r => r.Contains("/presigned/")), Is.EqualTo(2));
    }

    [TestCase("whole")] // It does not know ranges.
    [TestCase("other")] // It answers with another range.
    [TestCase("more")] // It sends more than was asked for.
    [TestCase("changing")] // Each range is of another version.
    [TestCase("refused")]
    public async Task Where_the_store_does_not_send_the_ranges_the_file_comes_through_the_server(string fault)
    {
        var content = RandomBytes(3000);
        var version = 0;
        using var store = new ByteServer(async e =>
        {
            var (from, to) = RangeOf(e);
            await (fault switch
            {
                "whole" => e.AnswerAsync(200, content),
                "other" => e.AnswerAsync(206, content[..1000], $"Content-Range: bytes {from + 1}-{to + 1}/3000"),
                "more" => e.AnswerAsync(206, content[..1001], $"Content-Range: bytes {from}-{to}/3000"),
                "changing" => e.AnswerAsync(206, content[from..(to + 1)], $"Content-Range: bytes {from}-{to}/3000", $"ETag: \"{version++}\""),
                _ => e.AnswerAsync(400, ""),
            });
        });
        using var server = PresigningServer(() => store.Address, content.Length, content);
        using var kit = new RestKit(server.Address, settings: InParts with { ParallelParts = 1 });

        await kit.Artifacts.DownloadAsync(Run, "a.bin", _folder["out"], null, default);

        Assert.That(File.ReadAllBytes(_folder["out"]), Is.EqualTo(content));
        Assert.That(server.Requests.Last(), Does.Contain("/mlflow-artifacts/artifacts/"));
    }

    [Test]
    public async Task A_store_that_is_out_of_reach_from_here_is_tried_once()
    {
        var content = RandomBytes(500);
        var nobody = new ByteServer(_ => Task.CompletedTask);
        nobody.Dispose();
        using var server = PresigningServer(() => nobody.Address, content.Length, content);
        using var kit = new RestKit(server.Address, settings: InParts);

        await kit.Artifacts.DownloadAsync(Run, "a.bin", _folder["out"], null, default);
        await kit.Artifacts.DownloadAsync(Run, "b.bin", _folder["out"], null, default);

        Assert.That(File.ReadAllBytes(_folder["out"]), Is.EqualTo(content));
        Assert.That(server.Requests.Count(r => r.Contains("/presigned/")), Is.EqualTo(1));
    }

    [TestCase("file:///etc/passwd")]
    [TestCase("gopher://h/x")]
    [TestCase("")]
    public async Task An_address_that_is_none_of_the_web_is_not_fetched(string url)
    {
        using var server = new ByteServer(e => e.Target.Contains("/presigned/")
            ? e.AnswerAsync(200, $$"""{"url":"{{url}}","file_size":5}""")
            : e.AnswerAsync(200, "hello"));
        using var kit = new RestKit(server.Address, settings: InParts);

        await kit.Artifacts.DownloadAsync(Run, "a.bin", _folder["out"], null, default);

        Assert.That(File.ReadAllText(_folder["out"]), Is.EqualTo("hello"));
    }

    [Test]
    public void A_local_disk_that_fails_is_no_failure_of_the_server()
    {
        using var server = new ByteServer(e => e.AnswerAsync(200, "hello"));
        using var kit = new RestKit(server.Address);

        Assert.That(
            async () => await kit.Artifacts.DownloadAsync(Run, "a.bin", _folder["missing/out"], null, default),
            Throws.TypeOf<DirectoryNotFoundException>());
        Assert.That(server.Exchanges, Has.Count.EqualTo(1), "it is not tried again");
        Assert.That(
            async () => await kit.Artifacts.UploadAsync(Run, "a.bin", _folder["missing"], null, default),
            Throws.TypeOf<FileNotFoundException>());
        Assert.That(server.Exchanges, Has.Count.EqualTo(1));
    }

    [Test]
    public void A_file_that_becomes_shorter_while_it_is_sent_is_no_failure_of_the_server()
    {
        RandomFile(2 * Megabyte);
        using var server = new ByteServer(async e =>
        {
            using (var file = new FileStream(_folder["local"], FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            {
                file.SetLength(10);
            }

            await e.ReadBodyAsync();
            await e.AnswerAsync(200);
        });
        using var kit = new RestKit(server.Address);

        Assert.That(
            async () => await kit.Artifacts.UploadAsync(Run, "a.bin", _folder["local"], null, default),
            Throws.TypeOf<EndOfStreamException>().With.Message.Contains("shorter"));
        Assert.That(server.Exchanges, Has.Count.EqualTo(1));
    }

    [Test]
    public void A_cancelled_download_ends_at_once()
    {
        using var cancel = new CancellationTokenSource();
        using var server = new ByteServer(async e =>
        {
            await e.BeginAnswerAsync(200, 1000);
            await e.WriteAsync(new byte[10]);
            await cancel.CancelAsync();
            await Task.Delay(Timeout.Infinite, cancel.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        });
        using var kit = new RestKit(server.Address);

        Assert.That(
            async () => await kit.Artifacts.DownloadAsync(Run, "a.bin", _folder["out"], null, cancel.Token),
            Throws.InstanceOf<OperationCanceledException>());
    }

    private static ArtifactSettings InParts { get; } = new()
    {
        MultipartUpload = true,
        MultipartUploadMinimum = 1,
        UploadPartSize = 1000,
        PresignedDownload = true,
        DownloadPartSize = 1000,
    };

    /// <summary>A server that hands out one place a part, and takes the rest as it comes.</summary>
    private static ByteServer MultipartServer(ByteServer store, int parts) => new(async e =>
    {
        await e.ReadBodyAsync();
        var places = string.Join(',', Enumerable.Range(1, parts).Select(n => $$"""{"url":"{{store.Address}}x?n={{n}}","part_number":{{n}}}"""));
        await e.AnswerAsync(200, e.Target.Contains("/create/") ? $$"""{"upload_id":"u","credentials":[{{places}}]}""" : "{}");
    });

    /// <summary>A server that signs addresses, each with a number, and sends the content itself when it is asked for that.</summary>
    private static ByteServer PresigningServer(Func<Uri> store, long size, byte[]? content = null)
    {
        var signed = 0;
        return new ByteServer(e => e.Target.Contains("/presigned/")
            ? e.AnswerAsync(
                200, $$$"""{"url":"{{{store()}}}x?s={{{Interlocked.Increment(ref signed)}}}","headers":{"X-Signed":"yes"},"file_size":{{{size}}}}""")
            : e.AnswerAsync(200, content ?? []));
    }

    private static (int From, int To) RangeOf(ByteExchange exchange)
    {
        var range = exchange.Headers["Range"]["bytes=".Length..].Split('-');
        return (int.Parse(range[0], CultureInfo.InvariantCulture), int.Parse(range[1], CultureInfo.InvariantCulture));
    }

    private static int NumberOf(ByteExchange part) => int.Parse(part.Target[(part.Target.LastIndexOf('=') + 1)..], CultureInfo.InvariantCulture);

    private static byte[] RandomBytes(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    private byte[] RandomFile(int length)
    {
        var bytes = RandomBytes(length);
        File.WriteAllBytes(_folder["local"], bytes);
        return bytes;
    }

    private sealed class Sums(Action? told = null) : IProgress<long>
    {
        private long _last;

        public long Last => Volatile.Read(ref _last);

        public void Report(long value)
        {
            Volatile.Write(ref _last, value);
            told?.Invoke();
        }
    }
}
