namespace ModelTrack.Client.Torture.Checking;

/// <summary>What a store makes of points.</summary>
/// <param name="IsDatabase">Infinities become the greatest numbers and -0 becomes 0.</param>
/// <param name="KeepsOrder">A metric's points are given in the order of their arrival.</param>
internal readonly record struct StoreHabits(bool IsDatabase, bool KeepsOrder);
