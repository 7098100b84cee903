using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Worker;

/// <summary>How long and how fast is learnt.</summary>
internal sealed class TrainingOptions
{
    public int Epochs { get; set; } = 300;

    public double LearningRate { get; set; } = 0.5;

    /// <summary>Takes what the configuration says.</summary>
    public void Read(IConfiguration section)
    {
        Epochs = section["Epochs"] is { } epochs ? int.Parse(epochs, CultureInfo.InvariantCulture) : Epochs;
        LearningRate = section["LearningRate"] is { } rate ? double.Parse(rate, CultureInfo.InvariantCulture) : LearningRate;
    }
}
