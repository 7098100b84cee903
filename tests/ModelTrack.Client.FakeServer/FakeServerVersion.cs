using System.Globalization;

namespace ModelTrack.Client.Fakes;

/// <summary>A version of MLflow, such as <c>3.11.1</c> or <c>3.11.2.dev0</c>.</summary>
internal readonly record struct FakeServerVersion(int Major, int Minor, int Patch, string Text)
{
    /// <summary>Errors of the development line after 3.11.1 carry two more fields.</summary>
    public bool ErrorsHaveClasses => AtLeast(3, 11, 2);

    public static FakeServerVersion Parse(string text)
    {
        var parts = text.Split('.');
        int Part(int index) => index < parts.Length && int.TryParse(parts[index], CultureInfo.InvariantCulture, out var n) ? n : 0;
        return new(Part(0), Part(1), Part(2), text);
    }

    public bool AtLeast(int major, int minor, int patch = 0) => (Major, Minor, Patch).CompareTo((major, minor, patch)) >= 0;
}
