using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ModelTrack.Client;

/// <summary>Certificates in PEM files.</summary>
internal static class CertificateFiles
{
    private const long LongestFile = 16 << 20; // The bundle of all public authorities has 200 KB.

    /// <summary>All certificates of a file, or of the files of a folder.</summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="source">The option or variable that names it.</param>
    /// <exception cref="ArgumentException">There is none, or it cannot be read.</exception>
    public static X509Certificate2Collection ReadAuthorities(string path, string source)
    {
        var found = new X509Certificate2Collection();
        try
        {
            if (Directory.Exists(path))
            {
                foreach (var file in Directory.EnumerateFiles(path).Where(file => new FileInfo(file).Length <= LongestFile))
                {
                    found.ImportFromPem(File.ReadAllText(file));
                }
            }
            else
            {
                found.ImportFromPem(File.ReadAllText(path));
            }
        }
        catch (Exception e) when (IsUnreadable(e))
        {
            throw Wrong(path, source, "a PEM file with certificates of authorities, or a folder of such files", e);
        }

        return found.Count > 0
            ? found
            : throw Wrong(path, source, "a PEM file with certificates of authorities, or a folder of such files; there are none in it", null);
    }

    /// <summary>A certificate with its private key; further certificates of the file are sent with it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="source">The option or variable that names it.</param>
    /// <exception cref="ArgumentException">It has not both, or cannot be read.</exception>
    public static SslStreamCertificateContext ReadClient(string path, string source)
    {
        try
        {
            var all = new X509Certificate2Collection();
            all.ImportFromPem(File.ReadAllText(path));
            all.RemoveAt(0);
            return SslStreamCertificateContext.Create(WithUsableKey(X509Certificate2.CreateFromPemFile(path)), all, offline: true);
        }
        catch (Exception e) when (IsUnreadable(e))
        {
            throw Wrong(path, source, "a PEM file with a certificate and its private key, which must not be encrypted", e);
        }
    }

    /// <summary>Windows does not use keys for TLS that are in memory only.</summary>
    private static X509Certificate2 WithUsableKey(X509Certificate2 certificate)
    {
        if (!OperatingSystem.IsWindows())
        {
            return certificate;
        }

        using (certificate)
        {
            var bytes = certificate.Export(X509ContentType.Pkcs12);
#if NET9_0_OR_GREATER
            return X509CertificateLoader.LoadPkcs12(bytes, null);
#else
            return new X509Certificate2(bytes);
#endif
        }
    }

    private static bool IsUnreadable(Exception e)
        => e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException or NotSupportedException;

    private static ArgumentException Wrong(string path, string source, string rule, Exception? cause)
        => new($"{source} must name {rule}{(cause is null ? "" : $" ({cause.Message})")}. It is {Excerpt.Of(path)}.", cause);
}
