namespace ModelTrack.Client.Fuzz.Running;

/// <summary>
/// What became of an input that was treated as it should be. <paramref name="Shape"/> stands in for coverage: an input of a shape that
/// has not been seen before is kept, to be changed further.
/// </summary>
internal readonly record struct Outcome(Depth Depth, string Shape);
