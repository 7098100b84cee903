namespace ModelTrack.Client.Tests;

internal enum StoreKind
{
    Folder,
    Memory,
}
