using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace ModelTrack.Client;

/// <summary>
/// Whom https connections to the server trust, and what they show of themselves. Other hosts are met with the system's rules.
/// </summary>
internal sealed class TlsSettings
{
    private const string AuthorityVariable = "MLFLOW_TRACKING_SERVER_CERT_PATH";
    private const string ClientVariable = "MLFLOW_TRACKING_CLIENT_CERT_PATH";
    private const string InsecureVariable = "MLFLOW_TRACKING_INSECURE_TLS";
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    private TlsSettings()
    {
    }

    /// <summary>Any certificate will do.</summary>
    public bool IsInsecure { get; private init; }

    /// <summary>The only authorities that are trusted; null: the system's.</summary>
    public X509Certificate2Collection? Authorities { get; private init; }

    /// <summary>The certificate with its key, and the ones between it and its authority; null: none is shown.</summary>
    public SslStreamCertificateContext? Client { get; private init; }

    /// <summary>The options, else the variables. What an option says of trust replaces what the variables say of it.</summary>
    /// <exception cref="ArgumentException">Settings contradict each other, or a file is not what it should be.</exception>
    public static TlsSettings From(TrackerOptions options, TrackingEnvironment environment)
    {
        var isInsecure = IsInsecureIn(options, environment);
        var optionsDecide = OptionsDecide(options);
        var authority = optionsDecide ? options.ServerCertificateAuthority : environment.Get(AuthorityVariable);
        if (isInsecure && authority is not null)
        {
            throw new ArgumentException(
                $"{InsecureVariable} is true and {AuthorityVariable} is set: either certificates are checked or they are not. Unset one.");
        }

        return new TlsSettings
        {
            IsInsecure = isInsecure,
            Authorities = authority is null
                ? null
                : CertificateFiles.ReadAuthorities(
                    authority,
                    optionsDecide ? $"{nameof(TrackerOptions)}.{nameof(TrackerOptions.ServerCertificateAuthority)}" : AuthorityVariable),
            Client = ClientOf(options, environment),
        };
    }

    /// <summary>Whether any certificate will do.</summary>
    /// <exception cref="ArgumentException">The variable's value breaks its rule.</exception>
    public static bool IsInsecureIn(TrackerOptions options, TrackingEnvironment environment)
        => options.AllowInsecureTls ?? (!OptionsDecide(options) && environment.GetFlag(InsecureVariable) == true);

    public void ApplyTo(SslClientAuthenticationOptions ssl)
    {
        ssl.ClientCertificateContext = Client;
        if (IsInsecure)
        {
#pragma warning disable CA5359 // Somebody has asked for it, and is warned in the log.
            ssl.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else if (Authorities is not null)
        {
            // The host's name is checked by the stream itself, whatever the policy.
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.AddRange(Authorities);
            policy.ApplicationPolicy.Add(new System.Security.Cryptography.Oid(ServerAuthentication));
            ssl.CertificateChainPolicy = policy;
        }
    }

    private static bool OptionsDecide(TrackerOptions options)
        => options.AllowInsecureTls == true || options.ServerCertificateAuthority is not null;

    private static SslStreamCertificateContext? ClientOf(TrackerOptions options, TrackingEnvironment environment)
    {
        if (options.ClientCertificate is { } certificate)
        {
            return SslStreamCertificateContext.Create(certificate, null, offline: true);
        }

        return options.ClientCertificatePath is { } path
            ? CertificateFiles.ReadClient(path, $"{nameof(TrackerOptions)}.{nameof(TrackerOptions.ClientCertificatePath)}")
            : environment.Get(ClientVariable) is { } variable ? CertificateFiles.ReadClient(variable, ClientVariable) : null;
    }
}
