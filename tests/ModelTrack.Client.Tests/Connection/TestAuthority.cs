using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ModelTrack.Client.Tests.Connection;

/// <summary>A certificate authority of a company's own, and what it signs.</summary>
internal sealed class TestAuthority : IDisposable
{
    private static readonly DateTimeOffset From = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Until = new(2120, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _certificate;

    public TestAuthority()
    {
        // Chains are built by name, so each one needs its own.
        var request = new CertificateRequest($"CN=Authority {Guid.NewGuid()}", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        _certificate = request.CreateSelfSigned(From, Until);
    }

    public string Pem => _certificate.ExportCertificatePem();

    /// <summary>A server's certificate for a name, or for 127.0.0.1.</summary>
    public X509Certificate2 SignServer(string? name = null)
    {
        var names = new SubjectAlternativeNameBuilder();
        if (name is null)
        {
            names.AddIpAddress(IPAddress.Loopback);
        }
        else
        {
            names.AddDnsName(name);
        }

        return Sign("CN=server", "1.3.6.1.5.5.7.3.1", names.Build(), out _);
    }

    /// <summary>A client's certificate with its key, as one PEM text.</summary>
    public string SignClientPem()
    {
        using var certificate = SignClient(out var key);
        using (key)
        {
            return $"{certificate.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n{Pem}\n";
        }
    }

    public X509Certificate2 SignClient(out ECDsa key) => Sign("CN=client", "1.3.6.1.5.5.7.3.2", null, out key);

    public void Dispose()
    {
        _certificate.Dispose();
        _key.Dispose();
    }

    private X509Certificate2 Sign(string subject, string usage, X509Extension? names, out ECDsa key)
    {
        key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        if (names is not null)
        {
            request.CertificateExtensions.Add(names);
        }

        using var signed = request.Create(_certificate, From, Until, [1, 2, 3, 4]);
        using var whole = signed.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), null);
    }
}
