using Microsoft.Extensions.Logging;
using ModelTrack.Client.Backends;

namespace ModelTrack.Client.Dispatch;

/// <summary>What all drains of a dispatcher share.</summary>
/// <param name="Backend">Where records go.</param>
/// <param name="Opener">Brings runs into the store.</param>
/// <param name="Models">Brings models into the store.</param>
/// <param name="Slots">How much of the store may be used at once.</param>
/// <param name="Rejections">Where refused records are kept.</param>
/// <param name="Clock">The clock.</param>
/// <param name="Logger">The log.</param>
/// <param name="Completed">Called when a send has ended, from any thread.</param>
internal sealed record DeliveryContext(
    ITrackingBackend Backend,
    RunOpener Opener,
    ModelPublisher Models,
    SendSlots Slots,
    RejectionLog Rejections,
    TimeProvider Clock,
    ILogger Logger,
    Action Completed);
