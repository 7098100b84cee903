namespace ModelTrack.Client.Tests.Artifacts;

/// <summary>
/// Paths that have led out of artifact folders: the encodings of MLflow's published path traversals and of the means against them, and
/// what other systems make of names. A server must not name them and we must not write them.
/// </summary>
internal static class HostilePaths
{
    /// <summary>Refused whoever names them, for reading and for writing.</summary>
    public static readonly string[] Refused =
    [
        // CVE-2023-1177, CVE-2023-2780, CVE-2023-6909 and those before: plain.
        "../../../etc/passwd",
        "..",
        "../",
        "a/../../b",
        "a/..",
        "./../b",
        "/etc/passwd",
        "//etc/passwd",
        "///etc/passwd",
        "file/../../../../../../etc/passwd",

        // CVE-2023-6977, CVE-2023-6831: encoded once.
        "%2E%2E/%2E%2E/etc/passwd",
        "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "..%2f..%2fetc%2fpasswd",
        "%2e./%2e./etc",
        ".%2e/a",
        "%2fetc%2fpasswd",
        "a%2f..%2f..%2fb",
        "a/%2E%2E",

        // CVE-2024-1560: twice and more.
        "%252e%252e%252f%252e%252e%252fetc%252fpasswd",
        "%252E%252E/%252E%252E/etc/passwd",
        "..%252f..%252fetc",
        "%25252e%25252e%25252fetc",
        "%2525252e%2525252e/a",
        "%25%32%65%25%32%65%25%32%66etc",
        "%252525252525252525252525252525252525252e%2e/a",

        // CVE-2023-6015, CVE-2023-6975, CVE-2023-6976, CVE-2024-2928's Windows relatives: backslashes, drives, shares.
        "..\\..\\windows\\win.ini",
        "..%5c..%5cwindows",
        "..%5C..%5Cwindows",
        "..%255c..%255cwindows",
        "a\\b",
        "a%5cb",
        "/..\\../b",
        "..\\/..\\/b",
        "C:\\windows\\win.ini",
        "C:/windows/win.ini",
        "C:../windows",
        "c:windows",
        "C:",
        "%43:/windows",
        "C%3A%2Fwindows",
        "C%253A/windows",
        "\\\\server\\share\\x",
        "//server/share/x",
        "\\\\?\\C:\\x",
        "//?/C:/x",
        "\\\\.\\pipe\\x",

        // What ends a text early, or a name.
        "a.txt%00.png",
        "a%00",
        "a\0",
        "..%00/b",
        "../a%00",
        "a%2500b",
        "a\nb",
        "a%0ab",
        "a%0d%0aSet-Cookie:x",
        "a\u007f",
        "a%7f",
        "a\u0085",
        "a\u009b31m",

        // Dots and spaces that Windows drops.
        ".. /b",
        "..%20/b",
        "a/.../b",
        "a/. /b",
        "...",
        "a/. . /b",

        // Parts that are no names.
        ".",
        "./a",
        "a/./b",
        "a//b",
        "a/",
        "%2e",
        "a/%2e/b",
        "a%2f%2fb",
        "a%2f",
        "....//....//etc",
        "..;/..;/../etc",
    ];

    /// <summary>Harmless where they are read on this system; never written, because no server or not every system could hold them.</summary>
    public static readonly string[] Unwritable =
    [
        // CVE-2024-1483, CVE-2024-1594, CVE-2024-2928, CVE-2024-3848: what comes after a '#'.
        "a#/b",
        "#",
        "a%23b",
        "a%2523b",
        "x#fragment.txt",

        // Devices.
        "CON",
        "con.txt",
        "a/NUL/b",
        "aux.tar.gz",
        "COM1",
        "lpt9.log",
        "COM¹",
        "CONIN$",
        "c%6Fn",
        "NUL .txt",
    ];

    /// <summary>
    /// They look like the others, but nothing that decodes paths makes separators or dots of them: overlong UTF-8, full-width and
    /// look-alike characters, UTF-7. Files may be called so; they stay inside.
    /// </summary>
    public static readonly string[] OnlyNames =
    [
        "..%c0%af..%c0%afetc",
        "%c0%ae%c0%ae%c0%afetc",
        "%e0%80%ae%e0%80%ae%e0%80%afetc",
        "%uff0e%uff0e%u2215etc",
        "．．／．．／etc",
        "..／..／etc",
        "..∕..∕etc",
        "..⁄..⁄etc",
        "‥/etc".Replace("/", "⧸", StringComparison.Ordinal),
        "..+AC8-..+AC8-etc",
        "~/.ssh/authorized_keys",
        "$HOME/x",
        "%HOME%/x",
        "..a/b..",
        "http:x",
        "..;a",
        "aux_.txt",
    ];
}
