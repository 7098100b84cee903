using System.Reflection;

namespace ModelTrack.Client;

/// <summary>How this client is called in a server's log.</summary>
internal static class UserAgent
{
    public static string Text { get; } = $"modeltrack-dotnet/{Version()}";

    private static string Version()
    {
        var version = typeof(UserAgent).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";
        return version.Split('+')[0];
    }
}
