using Microsoft.Extensions.Options;

namespace ModelTrack.Client;

/// <summary>The options' own rules, for containers; with <c>ValidateOnStart</c> they are checked when the program starts.</summary>
internal sealed class TrackerOptionsValidator : IValidateOptions<TrackerOptions>
{
    public ValidateOptionsResult Validate(string? name, TrackerOptions options)
    {
        try
        {
            _ = options.Checked();
            return ValidateOptionsResult.Success;
        }
        catch (ArgumentException e)
        {
            return ValidateOptionsResult.Fail(e.Message);
        }
    }
}
