using ModelTrack.Client.Backends;
using ModelTrack.Client.Journal;

namespace ModelTrack.Client.Dispatch;

/// <summary>How one send ended.</summary>
/// <param name="Lane">Whose it was.</param>
/// <param name="Slice">The batch; null when the run was only to be opened.</param>
/// <param name="Refusals">What of it the store refused.</param>
/// <param name="Failure">Why it was not stored; null when it was.</param>
internal sealed record SendOutcome(RunLane Lane, RunSlice? Slice, IReadOnlyList<RecordRefusal> Refusals, Exception? Failure);
